"""Server keys in memory: saved only over the version that was read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import ChangedMeanwhile, NotFound
from domain.sign_in.server_key import ServerKey, ServerKeyId
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryServerKeyWrites:
    changes: list[Change]

    def save(self, key: ServerKey) -> None:
        def change(store: Store) -> None:
            known = store.server_keys.get(key.id)
            if (known.version if known else 0) != key.version:
                raise ChangedMeanwhile("server key")
            used = known.last_used_at if known else None
            kept = replace(key, last_used_at=used, version=key.version + 1)
            store.server_keys[key.id] = kept

        self.changes.append(change)


@dataclass(frozen=True, slots=True)
class MemoryServerKeys:
    store: Store

    async def all(self) -> Sequence[ServerKey]:
        await asyncio.sleep(0)
        return sorted(self.store.server_keys.values(), key=lambda each: (each.added_at, each.id))

    async def get(self, key: ServerKeyId) -> ServerKey:
        await asyncio.sleep(0)
        found = self.store.server_keys.get(key)
        if found is None:
            raise NotFound("server key", key)
        return found

    async def note_use(self, key: ServerKeyId, at: datetime) -> None:
        known = await self.get(key)
        used = max(known.last_used_at or at, at)
        self.store.server_keys[key] = replace(known, last_used_at=used)
