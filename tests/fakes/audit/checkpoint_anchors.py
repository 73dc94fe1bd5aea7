"""Anchors in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemoryAnchors:
    kept: dict[tuple[int, str], None] = field(default_factory=dict)

    async def put(self, size: int, note: str) -> bool:
        await asyncio.sleep(0)
        is_new = (size, note) not in self.kept
        self.kept[size, note] = None
        return is_new

    async def notes(self) -> Sequence[str]:
        await asyncio.sleep(0)
        return [note for _, note in sorted(self.kept, key=lambda each: each[0])]
