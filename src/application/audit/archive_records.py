"""The months of rows on record, as they are archived: each row that leaves is a line of a file that was read back."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import BinaryIO

from application.audit.archive_months import MonthChanged
from application.audit.read_archive import LINES_AT_A_TIME
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.record_kind import HOT_MONTHS, RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordManifest, RecordMonth
from domain.audit.trail import TrailBroken
from domain.identifiers import PaymentId
from ports.audit.line_packing import LinePacking, PackedUnreadable
from ports.audit.record_archive import RecordArchive
from ports.audit_log import AuditEntry
from ports.clock import Clock


@dataclass(frozen=True, slots=True)
class RecordMonths:
    """A month is one of India, by when its rows were finished: it is whole as soon as it is over."""

    kind: RecordKind
    rows: RecordArchive
    packing: LinePacking

    @property
    def name(self) -> str:
        return self.kind.value

    @property
    def in_order(self) -> bool:
        # A payment is rebuilt from its first basis on: of one whose first is gone none may look like the first.
        return self.kind is RecordKind.DECISIONS

    def folder(self, month: ArchiveMonth) -> str:
        return f"{self.kind}-{month}"

    async def months(self) -> Sequence[RecordMonth]:
        return await self.rows.months(self.kind)

    async def next_month(self, known: Sequence[RecordMonth]) -> ArchiveMonth | None:
        since = known[-1].month.end if known else None
        finished = await self.rows.first_finished(self.kind, since)
        return None if finished is None else ArchiveMonth.of(finished)

    def is_due(self, month: ArchiveMonth, clock: Clock) -> bool:
        return month.is_due(clock.now(), hot_months=HOT_MONTHS[self.kind])

    async def write(
        self, month: ArchiveMonth, known: Sequence[RecordMonth], file: BinaryIO
    ) -> RecordManifest:
        count, packer = 0, self.packing.packer()
        async with aclosing(self._parts(month)) as parts:
            async for part in parts:
                file.write(packer.add([bytes(each) for each in part]))
                # Noted before the file is known: a payment is looked for in too many files, and in none too few.
                await self.rows.note(self.kind, month, {each.payment for each in part})
                count += len(part)
        file.write(packer.finish())
        exported = {each.month: each.manifest.count for each in known}
        if count < exported.get(month, 0):
            raise TrailBroken(count, f"rows of {self.kind} in {month} are gone that were exported")
        return RecordManifest(kind=self.kind, month=month, count=count)

    async def compare(self, file: BinaryIO, manifest: RecordManifest) -> None:
        """
        Raise ``MonthChanged`` unless each row that is there is a line of *file*, in its order.

        Raises ``TrailBroken`` when the file has more lines, or fewer, than the manifest says.
        """
        count = 0
        async with aclosing(self._parts(manifest.month)) as parts:
            rows = (bytes(row) async for part in parts for row in part)
            async with aclosing(rows):
                awaited = await anext(rows, None)
                try:
                    for line in self.packing.lines(file):
                        count += 1
                        if line == awaited:
                            awaited = await anext(rows, None)
                except PackedUnreadable as unreadable:
                    raise TrailBroken(count, str(unreadable)) from unreadable
        if count != manifest.count:
            raise TrailBroken(count, f"the manifest tells of {manifest.count} lines")
        if awaited is not None:
            raise MonthChanged(f"rows of {self.kind} in {manifest.month} are not those of its file")

    async def held(self, month: RecordMonth) -> Sequence[PaymentId]:
        if month.state in {ArchiveState.DROPPED, ArchiveState.DELETING}:
            return await self.rows.held_in_file(self.kind, month.month)
        found: set[PaymentId] = set()
        async with aclosing(self._parts(month.month)) as parts:
            async for part in parts:
                found |= {*await self.rows.kept({each.payment for each in part})}
        return sorted(found)

    async def drop(self, month: RecordMonth, *, at_a_time: int) -> None:
        while await self.rows.drop(self.kind, month.month, at_most=at_a_time):
            pass

    async def record(self, month: RecordMonth, was: RecordMonth | None, audit: AuditEntry) -> None:
        await self.rows.record(month, was, audit)

    async def _parts(self, month: ArchiveMonth) -> AsyncGenerator[Sequence[RecordLine], None]:
        after: RecordLine | None = None
        while part := await self.rows.lines(self.kind, month, after=after, at_most=LINES_AT_A_TIME):
            yield part
            after = part[-1]
