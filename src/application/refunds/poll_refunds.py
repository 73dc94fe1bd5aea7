"""Every refund is followed: the bank is asked how it stands, and asked again until it says, or a person has to."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refund_effects import reschedule_refund_poll
from application.order_status.write_effects import write_effects
from application.refunds.send_refund import SendRefund
from application.retry_on_conflict import retry_on_conflict
from application.run_concurrently import run_concurrently
from domain.errors import ChangedMeanwhile
from domain.payments.order_facts import Verdict
from domain.payments.refund import OVERDUE_AFTER
from domain.payments.refund_decisions import flag_overdue_refund
from domain.payments.refund_state import RefundState
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.payments.payment_gateway import GatewayFailure
from ports.refunds.refund_polls import RefundPoll, RefundPolls
from ports.unit_of_work import StorageUnavailable, UnitOfWork

log = logging.getLogger(__name__)

BATCH_MAX: Final = 16
BY_FOLLOWING: Final = Origin(actor="system", source=Source.REFUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRefunds:
    watch: RefundPolls
    unit_of_work: UnitOfWork
    read_order: ReadOrder
    send: SendRefund
    apply: ApplyOrderStatus
    alerts: Alerts
    clock: Clock
    lease: timedelta
    """Longer than two reads may take, so that a living worker does not lose its claim."""

    async def __call__(self) -> int:
        """
        Ask about one batch of due refunds, side by side, and return how many there were.

        What the bank says is written together with the claim it was asked under, so that whoever
        lost the claim writes nothing. One that the bank has not got, because whoever asked for it
        died or was not heard, is sent again under its own id, and only after the bank was read. After
        ten days a person is called at each look, after thirty it is parked: silence ends no refund.
        """
        claims = await self.watch.claim(self.clock.now(), lease=self.lease, at_most=BATCH_MAX)
        await run_concurrently(self._follow(claim) for claim in claims)
        return len(claims)

    async def _follow(self, claim: RefundPoll) -> None:
        said = {"payment": claim.payment, "refund_id": claim.refund}
        try:
            await self._ask(claim)
            await self._remind(claim)
        except ChangedMeanwhile:
            # The lease ran out and somebody else follows it now, or it came to an end meanwhile.
            log.info("refund_poll.lease_lost", extra=said)
        except StorageUnavailable:
            raise
        except Exception:
            # Its lease runs out and it is asked about again; it must not stand in the others' way.
            log.exception("refund_poll.failed", extra=said)

    async def _ask(self, claim: RefundPoll) -> None:
        try:
            facts = await self.read_order(claim.payment, claim.student)
        except GatewayFailure as gateway_failure:
            log.warning(
                "refund_poll.unanswered",
                extra={"payment": claim.payment, "trouble": type(gateway_failure).__name__},
            )
            await self._put_back(claim)
            return
        payment = await self.apply(facts, BY_FOLLOWING, held=claim)
        refund = payment.refunds.get(claim.refund)
        known = facts.has_refund(refund.id) or facts.verdict is Verdict.UNKNOWN_ORDER
        if refund.state is RefundState.REQUESTED and not known:
            await self.send(payment, refund, BY_FOLLOWING)

    async def _put_back(self, claim: RefundPoll) -> None:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            reschedule_refund_poll(work, claim, at=at, schedule=self.apply.schedule)

    async def _remind(self, claim: RefundPoll) -> None:
        """Call a person when the bank has had it for ten days, at each look, the last one included."""
        if self.clock.now() - claim.since < OVERDUE_AFTER:
            return
        if await retry_on_conflict(lambda: self._flag(claim)):
            facts = {"refund": claim.refund, "since": claim.since.isoformat()}
            await self.alerts.call(
                Alert(kind=AlertKind.REFUND_OVERDUE, subject=claim.payment, facts=facts)
            )

    async def _flag(self, claim: RefundPoll) -> bool:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(claim.payment)
            decision = flag_overdue_refund(payment, claim.refund, at)
            write_effects(work, decision, origin=BY_FOLLOWING, at=at)
        return payment.refunds.get(claim.refund).is_overdue(at)
