"""Payments that are not final: the bank is asked about each by a schedule, and silence ends none."""

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
    """Longer than two status reads may take, so that a living worker does not lose its poll."""

    async def __call__(self) -> int:
        """
        Ask about one batch of payments whose poll is due; return how many there were.

        One that the bank is still busy with stays as it is, and so does one the bank gave no answer
        for: silence expires nothing. One that stays open for a day is flagged and a person is called,
        each day anew. After ten days its poll is buried. What came to nothing is asked about for a day
        more, because its page at the bank may have taken the money after all.
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
            write_effects(work, decision, origin=BY_POLLER, at=at, by_poll=True)
            claim = PollClaim(poll, self.jitter())
            reschedule_poll(work, claim, decision, at, unanswered=trouble)
        return decision.payment

    async def _put_back(self, poll: OrderPoll, why: str) -> None:
        """Ask again as where nobody answered, whatever is wrong with the payment itself."""
        at = self.clock.now()
        due_at = retry_poll_at(since=poll.since, at=at)
        async with self.unit_of_work() as work:
            if due_at is None:
                work.payments.polls.bury(poll, at, why=why)
            else:
                work.payments.polls.reschedule(poll, due_at=due_at, why=why)
