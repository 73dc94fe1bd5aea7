"""Which file is which copy of a document: recorded when the copy is filed, and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.documents.tax_document import RegisteredDocument, TaxDocument
from domain.errors import DomainError
from domain.identifiers import PaymentId, StudentId
from ports.documents.document_renderer import Copy
from ports.file_store import FileHash


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """
    One copy of a document as it was stored at *filed_at* (UTC), *size_bytes* long.

    *ordinal* counts the filings of this copy from 1; the last one counts. *void* is whether the page
    says that the document is cancelled, *release* the release of the renderer.
    """

    copy: Copy
    ordinal: int
    file: FileHash
    size_bytes: int
    void: bool
    release: str
    filed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOnFile:
    """A document as registered, and the last filing of each of its copies."""

    registered: RegisteredDocument
    filings: tuple[Filing, ...] = ()

    def filing(self, copy: Copy) -> Filing | None:
        return next((each for each in self.filings if each.copy is copy), None)

    def stands_as_filed(self, copy: Copy) -> bool:
        """Return whether *copy* is filed, and shows correctly whether the document is cancelled."""
        filed = self.filing(copy)
        return filed is not None and filed.void == (self.registered.cancelled is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOnFile:
    """
    The documents of a payment of *student*, in the order of issue.

    *supplied* is whether the payment opened its course, *paid* whether money was captured: with both
    it has to be invoiced.
    """

    student: StudentId
    paid: bool
    supplied: bool
    documents: Sequence[DocumentOnFile]


class DocumentNotReady(DomainError):
    """A document is due, and its file is missing: it is being rendered."""


class NoDocument(DomainError):
    """Nothing was paid, or nothing was supplied for it, so there is no document."""


class FilingWrites(Protocol):
    """The part of a unit of work that writes filings."""

    def add(self, document: TaxDocument, filing: Filing) -> None:
        """
        Collect one filing of *document*, the next of its copy.

        The unit ends in ``ChangedMeanwhile`` when that filing was added meanwhile.
        """
        ...


class FiledDocuments(Protocol):
    async def about(self, payment: PaymentId) -> PaymentOnFile:
        """Return what is on file about *payment*, cancelled documents included, or raise ``NotFound``."""
        ...
