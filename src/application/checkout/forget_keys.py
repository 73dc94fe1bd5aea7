"""Idempotency keys are kept for longer than is promised, and not for ever."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ports.clock import Clock
from ports.idempotency import IdempotencyRecords

KEYS_KEPT: Final = timedelta(days=400)
"""From the end of the last claim on, as long as money may move again; clients are promised a day."""

BATCH_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class ForgetKeys:
    records: IdempotencyRecords
    clock: Clock

    async def __call__(self) -> int:
        """Delete all that are older, in batches, and return how many that were."""
        before, forgotten = self.clock.now() - KEYS_KEPT, 0
        while batch := await self.records.forget(before, at_most=BATCH_MAX):
            forgotten += batch
        return forgotten
