"""Take an archived month out of its file again, into a table beside the audit log, and away again."""

from dataclasses import dataclass

from application.audit.read_archive import ReadArchive, chunks
from domain.audit.archive_manifest import SealedMonth
from domain.audit.archive_month import ArchiveMonth
from domain.audit.month_check import MonthCheck
from domain.errors import NotFound
from ports.audit.restored_months import RestoredMonths


@dataclass(frozen=True, slots=True)
class RestoreMonth:
    archive: ReadArchive
    restored: RestoredMonths

    async def __call__(self, month: ArchiveMonth) -> int:
        """
        Restore *month*; return how many lines it has. To restore it twice is to restore it once.

        Raises ``NotFound`` when it is not in the archive, and ``TrailBroken`` when its file is not what was sealed:
        nothing of the month is restored then.
        """
        found = await self._found(month)
        manifest = found.manifest
        for kept in (False, True):
            check = MonthCheck(manifest.before, manifest.checkpoint)
            async with self.archive.opened(found) as lines:
                for part in chunks(lines):
                    if kept:
                        await self.restored.add(month, check.size, part)
                    check.take(part)
            check.finish()
        return len(manifest.span)

    async def remove(self, month: ArchiveMonth) -> int:
        """Take what was restored of *month* away; return how many lines that were."""
        return await self.restored.remove(month)

    async def _found(self, month: ArchiveMonth) -> SealedMonth:
        for each in await self.archive.register.months():
            if each.month == month and each.holds_lines:
                return each
        raise NotFound("archived month", str(month))
