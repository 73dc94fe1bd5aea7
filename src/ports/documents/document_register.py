"""The register of tax documents: numbered when they are written, never changed, never deleted."""

from collections.abc import Sequence
from typing import Protocol

from domain.documents.document_number import DocumentNumber
from domain.documents.tax_document import Cancellation, Particulars, RegisteredDocument, TaxDocument
from domain.identifiers import PaymentId


class DocumentRegister(Protocol):
    """The part of a unit of work that reads and writes the register."""

    async def of_payment(self, payment: PaymentId) -> Sequence[RegisteredDocument]:
        """Return every document about *payment*, in the order of issue, cancelled ones included."""
        ...

    def issue(self, particulars: Particulars) -> None:
        """
        Collect one document, at most one in a unit; it gets the next number of its series when written.

        A unit that fails uses no number. The unit ends in ``ChangedMeanwhile`` when the payment has an
        invoice already, the refund a note, or when the invoice got another note meanwhile.
        """
        ...

    def cancel(self, document: TaxDocument, cancellation: Cancellation) -> None:
        """
        Collect that *document* is cancelled: it stays in the register under its number.

        The unit ends in ``ChangedMeanwhile`` when it is cancelled already.
        """
        ...


class DocumentReads(Protocol):
    async def of_payment(self, payment: PaymentId) -> Sequence[RegisteredDocument]:
        """Return every document about *payment*, in the order of issue, cancelled ones included."""
        ...

    async def by_number(self, number: DocumentNumber) -> RegisteredDocument:
        """Return the seller's document with *number*, or raise ``NotFound``."""
        ...

    async def by_hash(self, sha256: str) -> RegisteredDocument:
        """Return the document whose snapshot has the SHA-256 *sha256* (hex), or raise ``NotFound``."""
        ...
