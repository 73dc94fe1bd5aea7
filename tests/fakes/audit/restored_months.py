"""Restored months in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from fakes.store import Store


@dataclass(frozen=True, slots=True)
class MemoryRestoredMonths:
    store: Store

    async def add(self, month: ArchiveMonth, first: int, lines: Sequence[bytes]) -> None:
        await asyncio.sleep(0)
        for place, line in enumerate(lines):
            self.store.restored_lines.setdefault(first + place, (month, line))

    async def remove(self, month: ArchiveMonth) -> int:
        await asyncio.sleep(0)
        kept = self.store.restored_lines
        theirs = [index for index, (of, _) in kept.items() if of == month]
        for index in theirs:
            del kept[index]
        return len(theirs)

    async def add_records(self, month: ArchiveMonth, rows: Sequence[RecordLine]) -> None:
        await asyncio.sleep(0)
        for row in rows:
            self.store.restored_records.setdefault((row.kind, row.number), (month, bytes(row)))

    async def remove_records(self, kind: RecordKind, month: ArchiveMonth) -> int:
        await asyncio.sleep(0)
        kept = self.store.restored_records
        theirs = [key for key, (of, _) in kept.items() if (key[0], of) == (kind, month)]
        for key in theirs:
            del kept[key]
        return len(theirs)
