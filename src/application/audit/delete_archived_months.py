"""Delete the files of archived months that no law wants any more; of each its hash and when it was deleted stay."""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from application.audit.archive_months import MonthSource, archive_entry
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.archived_month import ArchivedMonth, M
from domain.audit.ended_lines import ENDED
from domain.errors import ChangedMeanwhile
from ports.audit.archive_manifests import ArchiveManifests
from ports.audit.archive_register import DropRefused
from ports.clock import Clock
from ports.file_store import FileDamaged, FileHash, FileLocked, FileMissing, FileStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteArchivedMonths(Generic[M]):
    """*remove_restored* takes away what was restored of a month."""

    source: MonthSource[M]
    files: FileStore
    manifests: ArchiveManifests
    remove_restored: Callable[[ArchiveMonth], Awaitable[int]]
    clock: Clock

    async def __call__(self) -> int:
        """
        Take one month one step further; return 1, or 0 when none is due.

        Before a file is deleted the audit log says that its time has ended; it is deleted a day later. Whoever is
        slower than another leaves the step to that one. Raises ``FilesUnavailable`` and ``StorageUnavailable``;
        whatever was not recorded is done anew.
        """
        try:
            return int(await self._step())
        except ChangedMeanwhile:
            return 0

    async def due(self) -> Sequence[ArchivedMonth[M]]:
        """Return the months whose time has ended and that no legal hold keeps, as far as their order lets them go."""
        due = []
        for month in await self.source.months():
            if month.state is ArchiveState.DELETED:
                continue
            is_due = month.state is ArchiveState.DELETING or month.is_over(self.clock.now())
            if is_due and not await self.source.held(month):
                due.append(month)
            elif self.source.in_order:
                break
        return due

    async def _step(self) -> bool:
        for month in await self.source.months():
            if month.state is ArchiveState.DELETED:
                continue
            if month.is_over(self.clock.now()) and await self._end(month):
                return True
            if month.may_delete(self.clock.now()) and await self._delete(month):
                return True
            if self.source.in_order and month.state is not ArchiveState.DELETING:
                return False
        return False

    async def _end(self, month: ArchivedMonth[M]) -> bool:
        """Let the time of *month* be over; return False when a payment under legal hold keeps its file."""
        if await self.source.held(month):
            return False
        try:
            await self._record(month.ended(self.clock.now()), month, ENDED)
        except DropRefused:
            # The hold was set between the look and the step: the next run sees it.
            return False
        return True

    async def _delete(self, month: ArchivedMonth[M]) -> bool:
        """Delete the files of *month*; return False when the store keeps one."""
        if await self.source.held(month) and await self._is_stored(month):
            await self._record(month.kept(), month, "archive.kept")
            return True
        await self.remove_restored(month.month)
        try:
            for file in await self._files(month):
                await self.files.delete(file)
        except FileLocked as locked:
            told = {"kind": self.source.name, "month": str(month.month), "reason": str(locked)}
            log.info("archive.file_locked", extra=told)
            return False
        await self._record(month.deleted(self.clock.now()), month, "archive.deleted")
        return True

    async def _files(self, month: ArchivedMonth[M]) -> Sequence[FileHash]:
        """Return each file that was ever exported of *month*, the last one at the end."""
        last, folder = month.manifest.sha256, self.source.folder(month.month)
        earlier = {
            str(json.loads(each)["sha256"]) for each in await self.manifests.manifests_of(folder)
        }
        return [FileHash(each) for each in (*sorted(earlier - {last}), last)]

    async def _is_stored(self, month: ArchivedMonth[M]) -> bool:
        try:
            async with self.files.open(FileHash(month.manifest.sha256)):
                return True
        except FileMissing:
            return False
        except FileDamaged:
            return True

    async def _record(self, month: ArchivedMonth[M], was: ArchivedMonth[M], action: str) -> None:
        await self.source.record(
            month, was, archive_entry(self.source, month, action, self.clock.now())
        )
