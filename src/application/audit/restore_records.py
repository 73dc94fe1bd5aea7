"""Take an archived month of rows out of its file again, into a table beside the database's own, and away again."""

from dataclasses import dataclass

from application.audit.read_archive import chunks
from application.audit.read_records import ReadRecords
from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordMonth
from domain.errors import NotFound
from ports.audit.restored_months import RestoredMonths


@dataclass(frozen=True, slots=True)
class RestoreRecords:
    read: ReadRecords
    restored: RestoredMonths

    async def __call__(self, kind: RecordKind, month: ArchiveMonth) -> int:
        """
        Restore *month*; return how many rows it has. To restore it twice is to restore it once.

        Raises ``NotFound`` when it is not in the archive, and ``TrailBroken`` when its file is gone or damaged.
        """
        found = await self._found(kind, month)
        async with self.read.opened(found) as lines:
            for part in chunks(lines):
                await self.restored.add_records(month, [RecordLine.parse(line) for line in part])
        return found.manifest.count

    async def remove(self, kind: RecordKind, month: ArchiveMonth) -> int:
        """Take what was restored of *month* away; return how many rows that were."""
        return await self.restored.remove_records(kind, month)

    async def _found(self, kind: RecordKind, month: ArchiveMonth) -> RecordMonth:
        for each in await self.read.rows.months(kind):
            if each.month == month and each.holds_lines:
                return each
        raise NotFound("archived month", str(month))
