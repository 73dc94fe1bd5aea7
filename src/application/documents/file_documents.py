"""Filing what was issued: each copy rendered, kept, and written down under its hash, all before its letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.documents.issue_document import BY_WORKER
from application.retry_on_conflict import retry_on_conflict
from domain.documents.tax_document import RegisteredDocument
from domain.identifiers import PaymentId
from ports.audit_log import AuditEntry
from ports.clock import Clock
from ports.documents.document_files import DocumentOnFile, FiledDocuments, Filing
from ports.documents.document_renderer import Copy, DocumentRenderer
from ports.file_store import FileStore
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True)
class MakeFile:
    renderer: DocumentRenderer
    files: FileStore
    clock: Clock

    async def __call__(self, known: DocumentOnFile, copy: Copy) -> Filing:
        """
        Render *copy* as the document stands now, keep it, and return its next filing.

        Raises ``FilesUnavailable``; what was kept by then is kept again under the same hash.
        """
        content = await self.renderer.render(known.registered, copy)
        before = known.filing(copy)
        return Filing(
            copy=copy,
            ordinal=1 + (before.ordinal if before else 0),
            file=await self.files.put(content),
            size_bytes=len(content),
            void=known.registered.cancelled is not None,
            release=self.renderer.release,
            filed_at=self.clock.now(),
        )


@dataclass(frozen=True, slots=True)
class FileDocuments:
    unit_of_work: UnitOfWork
    filed: FiledDocuments
    make: MakeFile

    async def __call__(self, payment: PaymentId) -> None:
        """
        File each copy of each document about *payment* that is not filed as the document stands.

        A document's letter is written down with its first filing. Nothing is written down before the
        store has the file: ``FilesUnavailable`` leaves it all to be done again.
        """
        await retry_on_conflict(lambda: self._all(payment))

    async def _all(self, payment: PaymentId) -> None:
        for each in (await self.filed.about(payment)).documents:
            wanting = [copy for copy in Copy if not each.stands_as_filed(copy)]
            if wanting:
                await self._file(each, wanting)

    async def _file(self, known: DocumentOnFile, wanting: Sequence[Copy]) -> None:
        made = [await self.make(known, copy) for copy in wanting]
        at = made[-1].filed_at
        async with self.unit_of_work() as work:
            for each in made:
                work.documents.filings.add(known.registered.document, each)
            facts = {each.copy.value: each.file for each in made}
            write_in_trail(work, known.registered, "document.filed", facts, at)
            if not known.filings:
                _tell(work, known.registered, at)


def write_in_trail(
    work: Work, registered: RegisteredDocument, action: str, facts: Mapping[str, str], at: datetime
) -> None:
    """Collect the line in the trail that says what became of a document's files."""
    work.audit.add(
        AuditEntry(
            at=at,
            origin=BY_WORKER,
            action=action,
            subject=registered.document.particulars.payment.order,
            facts={"number": str(registered.document.number), **facts},
        )
    )


def _tell(work: Work, registered: RegisteredDocument, at: datetime) -> None:
    said = registered.document.particulars
    if said.original is None:
        work.notifications.outbox.add(OutboxTask.PAYMENT_CONFIRMATION, said.payment.order, at)
    else:
        refund = said.original.refund.refund
        work.notifications.outbox.add(
            OutboxTask.REFUND_CONFIRMATION, said.payment.order, at, subject=refund
        )
