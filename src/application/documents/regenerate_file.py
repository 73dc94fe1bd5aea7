"""Making a lost file again, from the document itself: the same bytes, or on record as others."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from application.documents.file_documents import MakeFile, write_in_trail
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
    make: MakeFile
    clock: Clock

    async def __call__(self, payment: PaymentId, number: str) -> None:
        """
        Make each file of the document with *number* again that the store has not, or not whole.

        The same release of the renderer makes the same bytes, and they lie where they lay. What
        another release makes is a filing of its own; what was filed before stays on record. Raises
        ``FilesUnavailable``.
        """
        await retry_on_conflict(lambda: self._all(payment, number))

    async def _all(self, payment: PaymentId, number: str) -> None:
        for each in (await self.filed.about(payment)).documents:
            if str(each.registered.document.number) == number:
                lost = [filing for filing in each.filings if not await self._is_whole(filing)]
                if lost:
                    await self._mend(each, lost)

    async def _is_whole(self, filing: Filing) -> bool:
        try:
            await self.files.get(filing.file)
        except (FileMissing, FileDamaged):
            return False
        return True

    async def _mend(self, known: DocumentOnFile, lost: Sequence[Filing]) -> None:
        made = [await self.make(known, filing.copy) for filing in lost]
        others = [new for old, new in zip(lost, made, strict=True) if new.file != old.file]
        facts = {f"lost_{filing.copy}": filing.file for filing in lost}
        facts |= {f"now_{filing.copy}": filing.file for filing in others}
        if others:
            log.warning(
                "document_file.changed",
                extra={"document_number": str(known.registered.document.number)},
            )
        async with self.unit_of_work() as work:
            for filing in others:
                work.documents.filings.add(known.registered.document, filing)
            write_in_trail(work, known.registered, "document.mended", facts, self.clock.now())
