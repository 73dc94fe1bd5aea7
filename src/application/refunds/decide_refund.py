"""The second pair of eyes: a refund above the limit goes its way, or not, by another person's word."""

from dataclasses import dataclass

from application.order_status.refund_effects import audit_refund
from application.refunds.request_refund import RefundStanding, nobody
from application.refunds.send_refund import SendRefund
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm
from domain.identifiers import PaymentId, RefundId
from domain.payments.refund_polling import DEFAULT_SCHEDULE, RefundPollingSchedule
from domain.payments.refund_state import RefundState
from ports.audit_log import Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRefundCommand:
    """*origin* names who decides."""

    payment: PaymentId
    refund: RefundId
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRefund:
    unit_of_work: UnitOfWork
    send: SendRefund
    clock: Clock
    schedule: RefundPollingSchedule = DEFAULT_SCHEDULE

    async def __call__(
        self, decided: DecideRefundCommand, confirm: Confirm = nobody
    ) -> RefundStanding:
        """
        Return the refund, approved and asked for at the bank.

        *confirm* is called last in the unit that writes the approval. Raises ``SecondPersonNeeded``
        to whoever asked for it, ``IllegalRefundStep`` when it does not wait any more, ``NotFound``.
        """
        standing = await retry_on_conflict(lambda: self._approve(decided, confirm))
        payment = await self.send(standing.payment, standing.refund, decided.origin)
        return RefundStanding(payment, payment.refunds.get(decided.refund))

    async def _approve(self, decided: DecideRefundCommand, confirm: Confirm) -> RefundStanding:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(decided.payment)
            approved = payment.approve_refund(decided.refund, by=decided.origin.actor, at=at)
            refund = approved.refunds.get(decided.refund)
            work.payments.repository.save(approved)
            work.refunds.polls.begin(approved.id, refund.id, at, due_at=at + self.schedule.first)
            audit_refund(
                work,
                approved,
                refund,
                action="refund.approved",
                origin=decided.origin,
                at=at,
                moved_from=RefundState.AWAITING_APPROVAL,
            )
            await confirm(work)
        return RefundStanding(approved, refund)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRefund:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self, decided: DecideRefundCommand, confirm: Confirm = nobody
    ) -> RefundStanding:
        """
        Return the refund, rejected, or withdrawn when its asker says so; its amount is free again.

        Raises ``IllegalRefundStep`` when it does not wait any more, and ``NotFound``.
        """
        return await retry_on_conflict(lambda: self._reject(decided, confirm))

    async def _reject(self, decided: DecideRefundCommand, confirm: Confirm) -> RefundStanding:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(decided.payment)
            rejected = payment.reject_refund(decided.refund, by=decided.origin.actor, at=at)
            refund = rejected.refunds.get(decided.refund)
            work.payments.repository.save(rejected)
            audit_refund(
                work,
                rejected,
                refund,
                action=f"refund.{refund.state}",
                origin=decided.origin,
                at=at,
                moved_from=RefundState.AWAITING_APPROVAL,
            )
            await confirm(work)
        return RefundStanding(rejected, refund)
