"""Polling the orders of payments that are not final; a bank that does not answer ends no payment."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.drain_queue import Drain
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.reschedule_poll import PollClaim, reschedule_poll
from application.order_status.write_effects import write_effects
from application.retry_on_conflict import retry_on_conflict
from domain.payments.basis import ReviewRaisedBasis
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.polling_schedule import flag_if_unresolved, is_unresolved, retry_poll_at
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.payments.order_polls import OrderPoll, OrderPolls
from ports.payments.payment_gateway import GatewayFailure
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

POLLED_PER_RUN_MAX: Final = 64
BY_POLLER: Final = Origin(actor="system", source=Source.POLL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOrders:
    order_polls: OrderPolls
    unit_of_work: UnitOfWork
    read_order: ReadOrder
    apply: ApplyOrderStatus
    alerts: Alerts
    clock: Clock
    jitter: Callable[[], int]
    lease: timedelta
    """Longer than two order-status reads may take, so that a running worker does not lose its poll."""

    async def __call__(self) -> int:
        """
        Poll one batch of payments whose order poll is due; return how many there were.

        A payment stays as it is while the bank processes it, and when the bank gives no answer: no
        payment expires without an answer. One that is live for a day is flagged, and an alert is sent
        each day. After ten days its poll is buried. A failed or expired payment is polled for one more
        day, because the bank's page may have charged the student after all.
        """
        drain = Drain(
            queue=self.order_polls,
            name="order polls",
            work_off=self._work_off,
            put_back=self._put_back,
            about=lambda poll: {"payment": poll.payment},
        )
        return await drain(self.clock.now(), lease=self.lease, at_most=POLLED_PER_RUN_MAX)

    async def _work_off(self, poll: OrderPoll) -> None:
        payment = await self._ask(poll)
        if is_unresolved(payment, since=poll.since, at=self.clock.now()):
            facts = {"state": payment.state.value, "at": poll.since.isoformat()}
            await self.alerts.call(
                Alert(kind=AlertKind.PAYMENT_UNRESOLVED, subject=payment.id, facts=facts)
            )

    async def _ask(self, poll: OrderPoll) -> Payment:
        try:
            facts = await self.read_order(poll.payment, poll.student)
        except GatewayFailure as failure:
            trouble = type(failure).__name__
            log.warning(
                "order_poll.unanswered",
                extra={"payment": poll.payment, "trouble": trouble},
            )
            return await retry_on_conflict(lambda: self._unanswered(poll, trouble))
        return await self.apply(facts, BY_POLLER, PollClaim(poll, self.jitter()))

    async def _unanswered(self, poll: OrderPoll, trouble: str) -> Payment:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(poll.payment)
            decision = flag_if_unresolved(payment, since=poll.since, at=at)
            basis = ReviewRaisedBasis(reason=ReviewReason.UNRESOLVED, at=at)
            write_effects(work, decision, basis, origin=BY_POLLER, at=at, by_poll=True)
            claim = PollClaim(poll, self.jitter())
            reschedule_poll(work, claim, decision, at, unanswered=trouble)
        return decision.payment

    async def _put_back(self, poll: OrderPoll, why: str) -> None:
        """Schedule the next poll as after a read without an answer; the payment is not read for it."""
        at = self.clock.now()
        due_at = retry_poll_at(since=poll.since, at=at)
        async with self.unit_of_work() as work:
            if due_at is None:
                work.payments.polls.bury(poll, at, why=why)
            else:
                work.payments.polls.reschedule(poll, due_at=due_at, why=why)
