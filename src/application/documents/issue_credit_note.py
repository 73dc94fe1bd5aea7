"""Issue the credit note for a refund that reached the student: exactly once for each refund."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.documents.issue_document import issue_document, standing_invoice
from application.documents.issue_invoice import IssueInvoice
from application.retry_on_conflict import retry_on_conflict
from domain.documents.credit_note_split import CreditImpossible
from domain.documents.invoicing import DocumentPolicy, PaidBack, credit_for
from domain.documents.tax_document import Company, Particulars, RefundReference, RegisteredDocument
from domain.identifiers import PaymentId, RefundId
from domain.payments.refund import Refund
from ports.clock import Clock
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class IssueCreditNote:
    unit_of_work: UnitOfWork
    clock: Clock
    company: Company
    policy: DocumentPolicy
    issue_invoice: IssueInvoice

    async def __call__(self, payment: PaymentId, refund: RefundId) -> None:
        """
        Issue the note for a refund that reached the student, unless it has one.

        The task to file it is enqueued with it; filing enqueues the email. Where nothing was invoiced,
        the email is enqueued at once, without a note. The same happens when no note is possible: then
        ``CreditImpossible`` is raised, so that a person looks at it.
        """
        # A note refers to its invoice, and the tasks of both may be due at once.
        await self.issue_invoice(payment)
        impossible = await retry_on_conflict(lambda: self._unit(payment, refund))
        if impossible is not None:
            raise impossible

    async def _unit(self, payment: PaymentId, refund: RefundId) -> CreditImpossible | None:
        at, impossible = self.clock.now(), None
        async with self.unit_of_work() as work:
            documents = await work.documents.register.of_payment(payment)
            if any(_is_for(each, refund) for each in documents):
                return None
            bought = await work.payments.repository.get(payment)
            refunded = bought.refunds.get(refund)
            note = None
            try:
                note = self._note(documents, refunded, at)
            except CreditImpossible as refusal:
                impossible = refusal
            if note is None:
                work.notifications.outbox.enqueue(
                    OutboxTask.REFUND_CONFIRMATION, payment, at, subject=refund
                )
            else:
                issue_document(work, note, documents, at, reference=bought.reference_text)
                work.notifications.outbox.requeue(OutboxTask.FILE_DOCUMENTS, payment, at)
        return impossible

    def _note(
        self, documents: Sequence[RegisteredDocument], refund: Refund, at: datetime
    ) -> Particulars | None:
        invoice = standing_invoice(documents)
        if invoice is None:
            return None
        return credit_for(
            invoice.document,
            [each for each in documents if _refers_to(each, invoice)],
            PaidBack(
                reference=RefundReference(
                    refund=refund.id, arn=refund.arn, refunded_at=refund.closed_at or at
                ),
                amount=refund.amount,
            ),
            company=self.company,
            policy=self.policy,
            at=at,
        )


def _is_for(note: RegisteredDocument, refund: RefundId) -> bool:
    original = note.document.particulars.original
    return original is not None and original.refund.refund == refund and not note.cancelled


def _refers_to(note: RegisteredDocument, invoice: RegisteredDocument) -> bool:
    original = note.document.particulars.original
    return original is not None and original.number == invoice.document.number
