"""Every refund is polled: the bank is asked how it stands until it says, or until a person has to ask."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.drain_queue import Drain
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refund_effects import reschedule_refund_poll
from application.order_status.write_effects import write_effects
from application.refunds.send_refund import SendRefund
from application.retry_on_conflict import retry_on_conflict
from domain.payments.basis import ReviewRaisedBasis
from domain.payments.order_facts import ReviewReason, Verdict
from domain.payments.refund import OVERDUE_AFTER
from domain.payments.refund_decisions import awaits_the_bank_too_long, flag_overdue_refund
from domain.payments.refund_state import RefundState
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.payments.payment_gateway import GatewayFailure
from ports.refunds.refund_polls import RefundPoll
from ports.unit_of_work import UnitOfWork
from ports.work_queue import WorkQueue

log = logging.getLogger(__name__)

BATCH_MAX: Final = 16
BY_POLLER: Final = Origin(actor="system", source=Source.REFUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRefunds:
    refund_polls: WorkQueue[RefundPoll]
    unit_of_work: UnitOfWork
    read_order: ReadOrder
    send: SendRefund
    apply: ApplyOrderStatus
    alerts: Alerts
    clock: Clock
    lease: timedelta
    """Longer than two reads may take, so that a living worker does not lose its poll."""

    async def __call__(self) -> int:
        """
        Ask about one batch of due refunds concurrently, and return how many there were.

        What the bank says is written together with the poll it was asked under, so that whoever lost
        the poll writes nothing. A refund that the bank has not got is sent again under its own id, and
        only after the bank was read. After ten days a person is called at each poll, after thirty the
        poll is buried: silence ends no refund.
        """
        drain = Drain(
            queue=self.refund_polls,
            name="refund polls",
            work_off=self._work_off,
            put_back=self._put_back,
            about=_named,
        )
        return await drain(self.clock.now(), lease=self.lease, at_most=BATCH_MAX)

    async def _work_off(self, poll: RefundPoll) -> None:
        await self._ask(poll)
        await self._remind(poll)

    async def _ask(self, poll: RefundPoll) -> None:
        try:
            facts = await self.read_order(poll.payment, poll.student)
        except GatewayFailure as failure:
            trouble = type(failure).__name__
            told = {"payment": poll.payment, "trouble": trouble}
            log.warning("refund_poll.unanswered", extra=told)
            await self._put_back(poll, trouble)
            return
        payment = await self.apply(facts, BY_POLLER, poll)
        refund = payment.refunds.get(poll.refund)
        known = facts.has_refund(refund.id) or facts.verdict is Verdict.UNKNOWN_ORDER
        if refund.state is RefundState.REQUESTED and not known:
            await self.send(payment, refund, BY_POLLER)

    async def _put_back(self, poll: RefundPoll, why: str) -> None:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(poll.payment)
            reschedule_refund_poll(
                work, poll, payment, at=at, schedule=self.apply.schedule, why=why
            )

    async def _remind(self, poll: RefundPoll) -> None:
        """Call a person when the bank has had it for ten days, at each poll, the last one included."""
        if self.clock.now() - poll.since < OVERDUE_AFTER:
            return
        if await retry_on_conflict(lambda: self._flag(poll)):
            facts = {"refund_id": poll.refund, "at": poll.since.isoformat()}
            await self.alerts.call(
                Alert(kind=AlertKind.REFUND_OVERDUE, subject=poll.payment, facts=facts)
            )

    async def _flag(self, poll: RefundPoll) -> bool:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(poll.payment)
            decision = flag_overdue_refund(payment, poll.refund, at)
            basis = ReviewRaisedBasis(reason=ReviewReason.REFUND_OVERDUE, at=at)
            write_effects(work, decision, basis, origin=BY_POLLER, at=at)
        return awaits_the_bank_too_long(payment, poll.refund, at)


def _named(poll: RefundPoll) -> dict[str, object]:
    return {"payment": poll.payment, "refund_id": poll.refund}
