"""Manifests in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemoryManifests:
    kept: dict[tuple[str, bytes], None] = field(default_factory=dict)

    async def put(self, month: str, manifest: bytes) -> bool:
        await asyncio.sleep(0)
        is_new = (month, manifest) not in self.kept
        self.kept[month, manifest] = None
        return is_new

    async def manifests_of(self, month: str) -> Sequence[bytes]:
        await asyncio.sleep(0)
        return [manifest for each, manifest in self.kept if each == month]
