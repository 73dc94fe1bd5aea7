"""The business figures: steps of payments, counted once each into spans of a quarter of an hour."""

from datetime import datetime, timedelta
from typing import Final, Protocol

from domain.monitoring.payment_figures import PaymentFigures

BUCKET: Final = timedelta(minutes=15)
"""The shortest span of which figures are known; spans begin at full quarters of an hour."""


class PaymentRollups(Protocol):
    """
    Each step that the audit log holds is counted once, however late its transaction ends, and whoever
    counts beside. Reading costs the same however many payments there are.
    """

    async def count(self, *, at_most: int) -> int:
        """Count up to *at_most* steps that are not counted yet; return how many were."""
        ...

    async def count_earlier(self, *, at_most: int) -> int:
        """
        Count the steps among the next *at_most* entries from before there were figures.

        Return how many entries were read; 0 when all are. What is counted is kept with the place
        where the next call goes on, so that it can be stopped at any time.
        """
        ...

    async def figures(
        self, since: datetime, until: datetime, *, span: timedelta, at: datetime
    ) -> PaymentFigures:
        """
        Return the figures from *since* to *until* (UTC, half-open, full quarters of an hour) in spans.

        *span* is a multiple of ``BUCKET`` that divides the period. *at* is now: the figures are
        complete until then when nothing waits to be counted.
        """
        ...
