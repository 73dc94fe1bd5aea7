"""What was delivered is kept for three months: for the log, and a third of it for replays."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ports.clock import Clock
from ports.webhooks.webhook_deliveries import WebhookDeliveries

BATCH_MAX: Final = 1_000
DELIVERIES_KEPT: Final = timedelta(days=90)
"""From when it was told of on; a replay reaches less far back."""


@dataclass(frozen=True, slots=True)
class ForgetDeliveries:
    deliveries: WebhookDeliveries
    clock: Clock

    async def __call__(self) -> int:
        """Delete all that is older, in batches, and return how much that was."""
        before, forgotten = self.clock.now() - DELIVERIES_KEPT, 0
        while batch := await self.deliveries.forget(before, at_most=BATCH_MAX):
            forgotten += batch
        return forgotten
