"""Processing stored webhooks: each leads to a read of the order; a webhook by itself never makes a sale."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.drain_queue import Drain
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from domain.identifiers import PaymentId
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.payments.inbox import Inbox, InboxEntry
from ports.payments.payment_gateway import GatewayFailure, GatewaySuspended
from ports.unit_of_work import UnitOfWork

BATCH_MAX: Final = 32
DELAYS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 5 * 60, 15 * 60, 60 * 60)
)
UNKNOWN_KEPT_FOR: Final = timedelta(hours=24)
"""A webhook may arrive before its order is stored here; after a day the order is not ours."""

BY_WEBHOOK: Final = Origin(actor="bank", source=Source.WEBHOOK)


@dataclass(frozen=True, slots=True)
class ProcessInbox:
    inbox: Inbox
    unit_of_work: UnitOfWork
    read_order: ReadOrder
    apply: ApplyOrderStatus
    clock: Clock
    lease: timedelta
    """Longer than two order-status reads may take, so that a running worker does not lose its entry."""

    async def __call__(self) -> int:
        """Process one batch of due entries concurrently, and return how many there were."""
        drain = Drain(
            queue=self.inbox,
            name="inbox",
            work_off=self._work_off,
            put_back=self._defer,
            about=lambda entry: {"entry": entry.id},
        )
        return await drain(self.clock.now(), lease=self.lease, at_most=BATCH_MAX)

    async def _work_off(self, entry: InboxEntry) -> None:
        if entry.student is None:
            await self._defer_or_refuse(entry)
        elif entry.payment_state and entry.payment_state.is_sold and entry.only_sale:
            await self._complete_as_known(entry)
        else:
            try:
                facts = await self.read_order(PaymentId(entry.order), entry.student)
            except GatewaySuspended as suspended:
                # The bank was not called: try again as soon as it is called again.
                delay = max(suspended.retry_after, DELAYS[0])
                await self._defer(entry, type(suspended).__name__, delay)
            except GatewayFailure as failure:
                await self._defer(entry, type(failure).__name__)
            else:
                await self.apply(facts, BY_WEBHOOK, entry)

    async def _defer_or_refuse(self, entry: InboxEntry) -> None:
        at = self.clock.now()
        if at - entry.received_at < UNKNOWN_KEPT_FOR and entry.order:
            await self._defer(entry, "no such order yet")
            return
        async with self.unit_of_work() as work:
            work.payments.inbox.bury(entry, at, why="not an order of ours")

    async def _complete_as_known(self, entry: InboxEntry) -> None:
        async with self.unit_of_work() as work:
            work.payments.inbox.complete(entry, self.clock.now())

    async def _defer(self, entry: InboxEntry, why: str, delay: timedelta | None = None) -> None:
        delay = delay or DELAYS[min(entry.attempts, len(DELAYS)) - 1]
        async with self.unit_of_work() as work:
            work.payments.inbox.reschedule(entry, due_at=self.clock.now() + delay, why=why)
