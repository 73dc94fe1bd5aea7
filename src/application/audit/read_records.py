"""Read the rows about one payment out of archived months: only the files that hold some are opened."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordMonth
from domain.audit.trail import TrailBroken
from domain.identifiers import PaymentId
from ports.audit.line_packing import LinePacking, PackedUnreadable
from ports.audit.record_archive import RecordArchive
from ports.file_store import FileDamaged, FileHash, FileMissing, FileStore


@dataclass(frozen=True, slots=True)
class ReadRecords:
    rows: RecordArchive
    files: FileStore
    packing: LinePacking

    async def __call__(self, payment: PaymentId) -> AsyncGenerator[RecordLine, None]:
        """
        Yield the rows about *payment* that months hold which were read back, month by month, kind by kind.

        One may stand in the database as well, until its month is dropped. Raises what ``opened`` does.
        """
        # Most lines hold the id nowhere: only those that do are read as JSON.
        wanted = payment.encode()
        for month in await self.rows.months_about(payment):
            if not month.holds_lines:
                continue
            async with self.opened(month) as lines:
                for line in lines:
                    if wanted in line and (row := RecordLine.parse(line)).payment == payment:
                        yield row

    @asynccontextmanager
    async def opened(self, month: RecordMonth) -> AsyncIterator[Iterator[bytes]]:
        """
        Give the lines of *month* one after the other, from a file that is checked against its hash.

        Raises ``TrailBroken`` when the file is gone, or damaged, or holds other lines, and ``FilesUnavailable``.
        """
        try:
            async with self.files.open(FileHash(month.manifest.sha256)) as packed:
                yield self.packing.lines(packed)
        except (FileMissing, FileDamaged, PackedUnreadable, ValueError) as lost:
            told = f"the archived file of {month.manifest.kind} {month.month}: {lost}"
            raise TrailBroken(0, told) from lost
