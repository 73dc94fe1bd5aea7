"""Issue the invoice, or bill of supply, for a sale: exactly once for each payment."""

from dataclasses import dataclass

from application.documents.issue_document import issue_document, standing_invoice
from application.retry_on_conflict import retry_on_conflict
from domain.documents.invoicing import DocumentPolicy, invoice_for
from domain.documents.tax_document import Company
from domain.identifiers import PaymentId
from ports.clock import Clock
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    unit_of_work: UnitOfWork
    clock: Clock
    company: Company
    policy: DocumentPolicy

    async def __call__(self, payment: PaymentId) -> None:
        """
        Issue the invoice, or bill of supply, for what *payment* bought, unless it has one.

        The task to file it is enqueued with it; filing enqueues the email. A payment that opened no
        course, because the student had it already, supplied nothing and gets no document (reference
        2.1): its money is refunded.
        """
        await retry_on_conflict(lambda: self._unit(payment))

    async def _unit(self, payment: PaymentId) -> None:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            documents = await work.documents.register.of_payment(payment)
            if standing_invoice(documents) is not None:
                return
            if not await work.payments.enrolments.opened_by(payment):
                return
            bought = await work.payments.repository.get(payment)
            invoice = invoice_for(bought, self.company, self.policy, at)
            issue_document(work, invoice, documents, at, reference=bought.reference_text)
            work.notifications.outbox.requeue(OutboxTask.FILE_DOCUMENTS, payment, at)
