"""The back-fill of the ledger: facts that were stored before it existed are posted in batches."""

from datetime import datetime
from typing import Protocol


class LedgerBackfill(Protocol):
    """
    A pass goes over all payments in the order of their ids, and what it has done is kept with it.

    Each batch posts what is missing, with what the bank is expected to settle of it, and nothing twice.
    So it can be stopped at any time, and goes on with the next batch.
    """

    async def batch(self, at: datetime, *, at_most: int) -> int:
        """
        Post what is missing about the next *at_most* payments of the oldest pass that is due (UTC).

        Return how many payments were read; 0 when nothing is due.
        """
        ...

    async def begin(self, at: datetime) -> None:
        """Make the oldest open pass due now, or begin a new one when all are done."""
        ...

    async def unfinished(self) -> int:
        """Return how many passes are not done."""
        ...
