"""Restored months in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.audit.archive_month import ArchiveMonth
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
