"""Post what was stored before the ledger existed, a batch at a time."""

from dataclasses import dataclass
from typing import Final

from ports.clock import Clock
from ports.ledger.ledger_backfill import LedgerBackfill

BATCH_MAX: Final = 500
"""Payments in one transaction: short enough that nothing waits for it."""


@dataclass(frozen=True, slots=True)
class BackfillLedger:
    backfill: LedgerBackfill
    clock: Clock

    async def __call__(self) -> int:
        """Post what is missing of the next payments of a pass that is due; return how many were read."""
        return await self.backfill.batch(self.clock.now(), at_most=BATCH_MAX)

    async def now(self) -> int:
        """
        Go over all payments that the oldest open pass has not read, or over all once more.

        Return how many were read. It may be stopped at any time and goes on when it is called again.
        """
        await self.backfill.begin(self.clock.now())
        read = 0
        while batch := await self():
            read += batch
        return read
