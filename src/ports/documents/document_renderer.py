"""A tax document on paper: the same document always makes the same bytes."""

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
        """Which release makes the pages, in at most 60 characters: another may make other bytes."""
        ...

    async def render(self, registered: RegisteredDocument, copy: Copy) -> bytes:
        """
        Return the document as an accessible PDF (PDF/A-2a, PDF/UA-1).

        Nothing but the document decides the bytes: rendered again, today or next year, by the same
        release of the renderer, they are equal.
        """
        ...
