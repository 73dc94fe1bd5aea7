"""Cancel a document while its GST return is open: its number stays in the register, counted as cancelled."""

from dataclasses import dataclass
from typing import Final

from application.ledger.post_journals import reverse_document
from application.retry_on_conflict import retry_on_conflict
from domain.business_day import business_day_of
from domain.documents.document_number import DocumentNumber
from domain.documents.invoicing import return_is_open
from domain.documents.tax_document import Cancellation, RegisteredDocument, TaxDocument
from domain.errors import DomainError
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import unprintable_reason
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.documents.document_register import DocumentReads
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork

WHY_CHARS_MAX: Final = 200


class CancellationRefused(DomainError):
    """The document cannot be cancelled; *reason* says why."""

    def __init__(self, number: DocumentNumber, reason: str) -> None:
        self.number, self.reason = number, reason
        super().__init__(f"{number} is not declared void: {reason}")


@dataclass(frozen=True, slots=True)
class CancelDocument:
    unit_of_work: UnitOfWork
    documents: DocumentReads
    clock: Clock

    async def __call__(self, number: DocumentNumber, why: str, origin: Origin) -> TaxDocument:
        """
        Cancel the seller's document with *number* and return it; *why* is printable, without card numbers.

        A task to file it again is enqueued: its pages have to say that it is cancelled. Raises

        - ``NotFound``;
        - ``CardNumberRefused``;
        - ``CancellationRefused`` when it is cancelled already, when a note refers to it, when the
          return of its month is due, or when *why* is empty, too long or not printable.
        """
        fault = unprintable_reason(why, WHY_CHARS_MAX)
        if fault is not None:
            raise CancellationRefused(number, f"the reason: {fault}")
        refuse_card_numbers("why", why)
        return await retry_on_conflict(lambda: self._unit(number, why, origin))

    async def _unit(self, number: DocumentNumber, why: str, origin: Origin) -> TaxDocument:
        at = self.clock.now()
        registered = await self.documents.by_number(number)
        particulars = registered.document.particulars
        async with self.unit_of_work() as work:
            about = await work.documents.register.of_payment(particulars.payment.order)
            if registered.cancelled is not None:
                raise CancellationRefused(number, "it is void already")
            if any(_refers_to(each, registered) for each in about):
                raise CancellationRefused(number, "a note stands against it; that goes first")
            if not return_is_open(particulars.date, business_day_of(at)):
                raise CancellationRefused(number, "the return of its month is due; credit it")
            work.documents.register.cancel(registered.document, Cancellation(at=at, why=why))
            reverse_document(work, registered, about, at)
            work.notifications.outbox.requeue(
                OutboxTask.FILE_DOCUMENTS, particulars.payment.order, at
            )
            work.audit.add(
                AuditEntry(
                    at=at,
                    origin=origin,
                    action="document.cancelled",
                    subject=particulars.payment.order,
                    facts={"number": str(number), "why": why},
                )
            )
        return registered.document


def _refers_to(note: RegisteredDocument, registered: RegisteredDocument) -> bool:
    original = note.document.particulars.original
    return (
        original is not None
        and original.number == registered.document.number
        and note.cancelled is None
    )
