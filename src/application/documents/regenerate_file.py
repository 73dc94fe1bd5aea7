"""Regenerate a lost or damaged file from its document: the same bytes, or a new filing of its own."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from application.documents.audit_document import audit_document
from application.documents.render_file import RenderFile
from application.retry_on_conflict import retry_on_conflict
from domain.identifiers import PaymentId
from ports.clock import Clock
from ports.documents.document_files import DocumentOnFile, FiledDocuments, Filing
from ports.file_store import FileDamaged, FileMissing, FileStore
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegenerateFile:
    unit_of_work: UnitOfWork
    filed: FiledDocuments
    files: FileStore
    render_file: RenderFile
    clock: Clock

    async def __call__(self, payment: PaymentId, number: str) -> None:
        """
        Render each file of the document with *number* again that is missing or damaged in the store.

        The same release of the renderer makes the same bytes, stored under the same hash. The bytes of
        another release become a new filing; the filing before stays on record. Raises
        ``FilesUnavailable``.
        """
        await retry_on_conflict(lambda: self._regenerate_all(payment, number))

    async def _regenerate_all(self, payment: PaymentId, number: str) -> None:
        for document in (await self.filed.about(payment)).documents:
            if str(document.registered.document.number) == number:
                lost = [filing for filing in document.filings if not await self._is_whole(filing)]
                if lost:
                    await self._regenerate(document, lost)

    async def _is_whole(self, filing: Filing) -> bool:
        try:
            await self.files.get(filing.file)
        except (FileMissing, FileDamaged):
            return False
        return True

    async def _regenerate(self, document: DocumentOnFile, lost: Sequence[Filing]) -> None:
        new = [await self.render_file(document, filing.copy) for filing in lost]
        different = [
            after for before, after in zip(lost, new, strict=True) if after.file != before.file
        ]
        registered = document.registered.document
        facts = {"number": str(registered.number)}
        facts |= {f"lost_{filing.copy}": filing.file for filing in lost}
        facts |= {f"now_{filing.copy}": filing.file for filing in different}
        if different:
            log.warning(
                "document_file.changed",
                extra={"document_number": str(registered.number)},
            )
        async with self.unit_of_work() as work:
            for filing in different:
                work.documents.filings.add(registered, filing)
            at = self.clock.now()
            audit_document(work, registered.particulars, "document.mended", facts, at)
