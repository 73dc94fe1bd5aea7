"""File a payment's documents: each copy is rendered, stored and registered by its hash before its email is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.documents.audit_document import audit_document
from application.documents.render_file import RenderFile
from application.retry_on_conflict import retry_on_conflict
from domain.documents.tax_document import Particulars
from domain.identifiers import PaymentId
from ports.documents.document_files import DocumentOnFile, FiledDocuments
from ports.documents.document_renderer import Copy
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True)
class FileDocuments:
    unit_of_work: UnitOfWork
    filed: FiledDocuments
    render_file: RenderFile

    async def __call__(self, payment: PaymentId) -> None:
        """
        File each copy of each document about *payment* that is not on file as the document is now.

        The first filing of a document enqueues its email. Nothing is written before the store has the
        files. Raises ``FilesUnavailable``; the call may be repeated.
        """
        await retry_on_conflict(lambda: self._file_all(payment))

    async def _file_all(self, payment: PaymentId) -> None:
        for document in (await self.filed.about(payment)).documents:
            missing = [copy for copy in Copy if not document.stands_as_filed(copy)]
            if missing:
                await self._file(document, missing)

    async def _file(self, document: DocumentOnFile, missing: Sequence[Copy]) -> None:
        filings = [await self.render_file(document, copy) for copy in missing]
        at = filings[-1].filed_at
        registered = document.registered.document
        async with self.unit_of_work() as work:
            for filing in filings:
                work.documents.filings.add(registered, filing)
            facts = {"number": str(registered.number)}
            facts |= {filing.copy.value: filing.file for filing in filings}
            audit_document(work, registered.particulars, "document.filed", facts, at)
            if not document.filings:
                _enqueue_email(work, registered.particulars, at)


def _enqueue_email(work: Work, particulars: Particulars, at: datetime) -> None:
    payment = particulars.payment.order
    if particulars.original is None:
        work.notifications.outbox.enqueue(OutboxTask.PAYMENT_CONFIRMATION, payment, at)
    else:
        refund = particulars.original.refund.refund
        work.notifications.outbox.enqueue(
            OutboxTask.REFUND_CONFIRMATION, payment, at, subject=refund
        )
