"""Parts of the sealed audit log in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.audit.trail import SealedBatch
from fakes.audit.sealed_log import MemorySealedLog
from fakes.store import Store
from ports.audit.sealed_log import SealState


@dataclass(frozen=True, slots=True)
class MemorySealedSpans:
    store: Store

    async def next_sealed(self, size: int) -> datetime | None:
        await asyncio.sleep(0)
        return next((at for state, at in self._states() if state.tree.size > size), None)

    async def last_before(self, at: datetime) -> SealState:
        await asyncio.sleep(0)
        found = [state for state, sealed_at in self._states() if sealed_at < at]
        return found[-1] if found else SealState()

    async def state_of(self, size: int) -> SealState:
        await asyncio.sleep(0)
        known = {state.tree.size: state for state, _ in self._states()}
        return known[size] if size else SealState()

    async def lines(self, span: range) -> SealedBatch:
        async with MemorySealedLog(self.store).batches() as batches:
            found = [
                each
                async for batch in batches
                for each in zip(batch.leaves, batch.lines, strict=True)
            ][span.start : span.stop]
        return SealedBatch(
            note="", leaves=[leaf for leaf, _ in found], lines=[line for _, line in found]
        )

    async def leaves(self, span: range) -> Sequence[bytes]:
        return (await self.lines(span)).leaves

    def _states(self) -> Sequence[tuple[SealState, datetime]]:
        return [
            (state, at)
            for (state, _), at in zip(self.store.seals, self.store.sealed_at, strict=True)
        ]
