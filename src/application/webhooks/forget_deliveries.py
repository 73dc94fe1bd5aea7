"""What was delivered is kept for a month, for the log and for replays."""

from dataclasses import dataclass
from typing import Final

from application.webhooks.manage_endpoints import REPLAY_MAX
from ports.clock import Clock
from ports.webhooks.webhook_deliveries import WebhookDeliveries

BATCH_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class ForgetDeliveries:
    deliveries: WebhookDeliveries
    clock: Clock

    async def __call__(self) -> int:
        """Delete all that is older, in batches, and return how much that was."""
        before, forgotten = self.clock.now() - REPLAY_MAX, 0
        while batch := await self.deliveries.forget(before, at_most=BATCH_MAX):
            forgotten += batch
        return forgotten
