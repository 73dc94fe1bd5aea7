"""Rendering of tax documents: the same document always makes the same bytes."""

from enum import StrEnum
from typing import Protocol

from domain.documents.tax_document import RegisteredDocument


class Copy(StrEnum):
    """Whose copy it is: services are invoiced in duplicate (Rule 48(2))."""

    ORIGINAL = "original"
    DUPLICATE = "duplicate"


class DocumentRenderer(Protocol):
    @property
    def release(self) -> str:
        """The release of the renderer, at most 60 characters; another release may make other bytes."""
        ...

    async def render(self, registered: RegisteredDocument, copy: Copy) -> bytes:
        """
        Return the document as an accessible PDF (PDF/A-2a, PDF/UA-1).

        The bytes depend on the document and the release alone: rendering it again with the same release
        gives equal bytes.
        """
        ...
