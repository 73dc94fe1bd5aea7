"""Fetch a document's file from the store; a lost one raises an alert and is regenerated."""

import logging
from dataclasses import dataclass
from typing import Final

from domain.identifiers import PaymentId
from ports.alerts import Alert, AlertKind, Alerts
from ports.clock import Clock
from ports.documents.document_files import DocumentNotReady, DocumentOnFile, Filing
from ports.documents.document_renderer import Copy
from ports.file_store import FileDamaged, FileMissing, FileStore
from ports.notifications.outbox import OutboxTask
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFile:
    files: FileStore
    unit_of_work: UnitOfWork
    alerts: Alerts
    clock: Clock

    async def __call__(self, payment: PaymentId, document: DocumentOnFile, filing: Filing) -> bytes:
        """
        Return the bytes of *filing*, checked against its hash.

        Raises ``FilesUnavailable``, or ``DocumentNotReady`` for a file that is missing or damaged: then
        an alert is raised, and a task to regenerate the file is enqueued.
        """
        try:
            return await self.files.get(filing.file)
        except (FileMissing, FileDamaged) as loss:
            number = str(document.registered.document.number)
            what = "missing" if isinstance(loss, FileMissing) else "damaged"
            log.error(  # noqa: TRY400 - the store's traceback adds nothing
                "document_file.lost", extra={"document_number": number, "state": what}
            )
            facts = {"copy": filing.copy.value, "file": filing.file, "state": what}
            await self.alerts.call(Alert(kind=AlertKind.FILE_LOST, subject=number, facts=facts))
            async with self.unit_of_work() as work:
                at = self.clock.now()
                work.notifications.outbox.requeue(
                    OutboxTask.REGENERATE_FILES, payment, at, subject=number
                )
            raise DocumentNotReady(f"the file of {number} is being made again") from loss


def file_name(document: DocumentOnFile, copy: Copy) -> str:
    """Return the name under which a reader saves the file: ``INV-2627-0000001.pdf``."""
    number = str(document.registered.document.number).replace("/", "-")
    return f"{number}{MARKS[copy]}.pdf"


MARKS: Final = {Copy.ORIGINAL: "", Copy.DUPLICATE: "-duplicate"}
