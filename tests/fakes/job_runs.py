"""Which scheduled jobs were taken for which slot, kept in memory."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from fakes.store import Store


@dataclass(frozen=True, slots=True)
class MemoryJobRuns:
    store: Store

    async def claim(self, job: str, slot: datetime) -> bool:
        await asyncio.sleep(0)
        new = (job, slot) not in self.store.job_runs
        self.store.job_runs.add((job, slot))
        return new
