"""Count the steps of payments into the business figures, new ones first, then those from before."""

from dataclasses import dataclass
from typing import Final

from ports.monitoring.payment_rollups import PaymentRollups

STEPS_MAX: Final = 2_000
"""Steps that one statement counts: it holds nothing that a payment waits for."""

EARLIER_MAX: Final = 10_000
"""Entries of the audit log that one statement goes over; at most one in two is a step."""


@dataclass(frozen=True, slots=True)
class CountPayments:
    rollups: PaymentRollups

    async def __call__(self) -> int:
        """Count one batch; return how much was handled, 0 when everything is counted. Raises ``StorageUnavailable``."""
        if counted := await self.rollups.count(at_most=STEPS_MAX):
            return counted
        return await self.rollups.count_earlier(at_most=EARLIER_MAX)
