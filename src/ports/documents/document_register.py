"""The register of tax documents: numbered as they are written, never changed, never taken out."""

from collections.abc import Sequence
from typing import Protocol

from domain.documents.document_number import DocumentNumber
from domain.documents.tax_document import Cancellation, Particulars, RegisteredDocument, TaxDocument
from domain.identifiers import PaymentId


class DocumentRegister(Protocol):
    """The unit of work's side."""

    async def of_payment(self, payment: PaymentId) -> Sequence[RegisteredDocument]:
        """Return every document about *payment*, in the order of issue, cancelled ones included."""
        ...

    def issue(self, particulars: Particulars) -> None:
        """
        Collect one document, at most one a unit; it gets the next number of its series as it is written.

        A unit that fails uses up no number. The unit ends in ``ChangedMeanwhile`` when the payment
        has its invoice already, the refund its note, or the original another note by now.
        """
        ...

    def cancel(self, document: TaxDocument, cancellation: Cancellation) -> None:
        """
        Collect that *document* is void: it stays in the register under its number.

        The unit ends in ``ChangedMeanwhile`` when it is void already.
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
        """Return the document whose snapshot has that hash, or raise ``NotFound``."""
        ...
