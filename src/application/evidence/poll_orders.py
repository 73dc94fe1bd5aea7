"""Payments that are not final: the bank is asked about each by a schedule, and silence settles none."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.reschedule_poll import PollClaim, reschedule_poll
from application.order_status.write_effects import write_effects
from application.retry_on_conflict import retry_on_conflict
from application.run_concurrently import run_concurrently
from domain.errors import ChangedMeanwhile
from domain.payments.payment import Payment
from domain.payments.polling_schedule import flag_if_unresolved, is_unresolved
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.payments.order_polls import OrderPoll, OrderPolls
from ports.payments.payment_gateway import GatewayFailure
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

ASKED_PER_RUN_MAX: Final = 64
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
    """Longer than two status reads may take, so that a living worker does not lose its question."""

    async def __call__(self) -> int:
        """
        Ask about one batch of payments whose question is due; return how many there were.

        One that the bank is still busy with stays as it is, and so does one the bank gave no answer
        for: silence expires nothing. One that stays open for a day is flagged and a person is called,
        each day anew; after ten days it is parked. What came to nothing is asked about for a day
        more, because its page at the bank may have taken the money after all.
        """
        order_polls = await self.order_polls.claim(
            self.clock.now(), lease=self.lease, at_most=ASKED_PER_RUN_MAX
        )
        await run_concurrently(self._deal_with(question) for question in order_polls)
        return len(order_polls)

    async def _deal_with(self, question: OrderPoll) -> None:
        try:
            payment = await self._ask(question)
        except ChangedMeanwhile:
            # The payment moved, or the lease ran out and somebody else holds the question now.
            log.info("order_poll.lease_lost", extra={"payment": question.payment})
            return
        if is_unresolved(payment, since=question.since, at=self.clock.now()):
            facts = {"state": payment.state.value, "at": question.since.isoformat()}
            await self.alerts.call(
                Alert(kind=AlertKind.PAYMENT_UNRESOLVED, subject=payment.id, facts=facts)
            )

    async def _ask(self, question: OrderPoll) -> Payment:
        try:
            facts = await self.read_order(question.payment, question.student)
        except GatewayFailure as gateway_failure:
            log.warning(
                "order_poll.unanswered",
                extra={"payment": question.payment, "trouble": type(gateway_failure).__name__},
            )
            return await retry_on_conflict(lambda: self._unanswered(question))
        return await self.apply(facts, BY_POLLER, PollClaim(question, self.jitter()))

    async def _unanswered(self, question: OrderPoll) -> Payment:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(question.payment)
            decision = flag_if_unresolved(payment, since=question.since, at=at)
            write_effects(work, decision, origin=BY_POLLER, at=at, by_poll=True)
            reschedule_poll(work, PollClaim(question, self.jitter()), decision, at, answered=False)
        return decision.payment
