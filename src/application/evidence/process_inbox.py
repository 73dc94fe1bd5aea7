"""Working through what the bank told us: each entry leads to a question to the bank, never to a sale by itself."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.run_concurrently import run_concurrently
from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.payments.inbox import Inbox, InboxEntry
from ports.payments.payment_gateway import GatewayFailure, GatewaySuspended
from ports.unit_of_work import StorageUnavailable, UnitOfWork

log = logging.getLogger(__name__)

BATCH_MAX: Final = 32
DELAYS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 5 * 60, 15 * 60, 60 * 60)
)
STRANGER_KEPT_FOR: Final = timedelta(hours=24)
"""A webhook may overtake the order it speaks of; after a day the order is not ours."""

BY_WEBHOOK: Final = Origin(actor="bank", source=Source.WEBHOOK)


@dataclass(frozen=True, slots=True)
class ProcessInbox:
    inbox: Inbox
    unit_of_work: UnitOfWork
    read_order: ReadOrder
    apply: ApplyOrderStatus
    clock: Clock
    lease: timedelta
    """Longer than two status reads may take, so that a living worker does not lose its entry."""

    async def __call__(self) -> int:
        """Deal with one batch of due entries, side by side, and return how many there were."""
        entries = await self.inbox.claim(self.clock.now(), lease=self.lease, at_most=BATCH_MAX)
        await run_concurrently(self._deal_with(entry) for entry in entries)
        return len(entries)

    async def _deal_with(self, entry: InboxEntry) -> None:
        try:
            await self._look_into_or_park(entry)
        except ChangedMeanwhile:
            # The lease ran out and somebody else holds the entry now; it is theirs to close.
            log.info("inbox.lease_lost", extra={"entry": entry.id})

    async def _look_into_or_park(self, entry: InboxEntry) -> None:
        try:
            await self._look_into(entry)
        except (ChangedMeanwhile, StorageUnavailable):
            raise
        except Exception as error:
            # Whatever is wrong with this one, it must not stand in the way of the others.
            log.exception("inbox.entry_failed", extra={"entry": entry.id})
            await self._park(entry, why=type(error).__name__)

    async def _look_into(self, entry: InboxEntry) -> None:
        if entry.student is None:
            await self._keep_for_later_or_refuse(entry)
        elif entry.payment_state and entry.payment_state.is_sold and entry.only_sale:
            await self._close_as_old_news(entry)
        else:
            try:
                facts = await self.read_order(PaymentId(entry.order), entry.student)
            except GatewaySuspended as away:
                # Nobody was asked, so nothing was tried: as soon as the bank is asked again, go on.
                delay = max(away.retry_after, DELAYS[0])
                await self._park(entry, why=type(away).__name__, delay=delay)
            except GatewayFailure as gateway_failure:
                await self._park(entry, why=type(gateway_failure).__name__)
            else:
                await self.apply(facts, BY_WEBHOOK, closing=entry)

    async def _keep_for_later_or_refuse(self, entry: InboxEntry) -> None:
        at = self.clock.now()
        if at - entry.received_at < STRANGER_KEPT_FOR and entry.order:
            await self._park(entry, why="no such order yet")
            return
        async with self.unit_of_work() as work:
            work.payments.inbox.refused(entry, at, why="not an order of ours")

    async def _close_as_old_news(self, entry: InboxEntry) -> None:
        async with self.unit_of_work() as work:
            work.payments.inbox.applied(entry, self.clock.now())

    async def _park(self, entry: InboxEntry, *, why: str, delay: timedelta | None = None) -> None:
        delay = delay or DELAYS[min(entry.attempts, len(DELAYS)) - 1]
        async with self.unit_of_work() as work:
            work.payments.inbox.parked(entry, due_at=self.clock.now() + delay, why=why)
