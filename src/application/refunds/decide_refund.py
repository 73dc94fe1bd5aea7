"""Maker and checker: a second member of staff approves or rejects a refund above the approval threshold."""

from dataclasses import dataclass

from application.ledger.post_journals import post
from application.order_status.refund_effects import audit_refund
from application.order_status.reschedule_poll import read_if_room
from application.refunds.request_refund import RefundStanding
from application.refunds.send_refund import SendRefund
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm
from application.webhooks.tell_platform import tell_refund
from domain.identifiers import PaymentId, RefundId
from domain.ledger.payment_postings import refund_end_postings
from domain.payments.basis import RefundApprovedBasis, RefundRejectedBasis
from domain.payments.refund_polling import DEFAULT_SCHEDULE, RefundPollingSchedule
from domain.payments.refund_state import RefundState
from ports.audit_log import Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRefundCommand:
    """The decision about one refund that awaits approval; *origin* names who decides."""

    payment: PaymentId
    refund: RefundId
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRefund:
    unit_of_work: UnitOfWork
    send: SendRefund
    clock: Clock
    schedule: RefundPollingSchedule = DEFAULT_SCHEDULE

    async def __call__(self, command: DecideRefundCommand, confirm: Confirm) -> RefundStanding:
        """
        Return the refund, approved and sent to the bank.

        *confirm* is called last in the unit that writes the approval. Raises ``NotFound``,
        ``SecondPersonNeeded`` when the decider asked for the refund, and ``IllegalRefundStep`` when
        it does not await approval any more.
        """
        standing = await retry_on_conflict(lambda: self._approve(command, confirm))
        payment = await self.send(standing.payment, standing.refund, command.origin)
        return RefundStanding(payment, payment.refunds.get(command.refund))

    async def _approve(self, command: DecideRefundCommand, confirm: Confirm) -> RefundStanding:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(command.payment)
            approved = payment.approve_refund(command.refund, by=command.origin.actor, at=at)
            refund = approved.refunds.get(command.refund)
            basis = RefundApprovedBasis(refund=refund.id, by=command.origin.actor, at=at)
            work.payments.repository.save(approved, basis)
            due_at = at + self.schedule.first
            work.refunds.polls.enqueue(approved.id, refund.id, since=at, due_at=due_at)
            audit_refund(
                work,
                approved,
                refund,
                action="refund.approved",
                origin=command.origin,
                at=at,
                moved_from=RefundState.AWAITING_APPROVAL,
            )
            tell_refund(work, approved, refund, at, moved_from=RefundState.AWAITING_APPROVAL)
            await confirm(work)
        return RefundStanding(approved, refund)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRefund:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, command: DecideRefundCommand, confirm: Confirm) -> RefundStanding:
        """
        Return the refund: withdrawn when the decider asked for it, rejected otherwise.

        Its amount can be refunded again. *confirm* is called last in the unit that writes it. Raises
        ``NotFound``, and ``IllegalRefundStep`` when the refund does not await approval any more.
        """
        return await retry_on_conflict(lambda: self._reject(command, confirm))

    async def _reject(self, command: DecideRefundCommand, confirm: Confirm) -> RefundStanding:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(command.payment)
            rejected = payment.reject_refund(command.refund, by=command.origin.actor, at=at)
            refund = rejected.refunds.get(command.refund)
            basis = RefundRejectedBasis(refund=refund.id, by=command.origin.actor, at=at)
            work.payments.repository.save(rejected, basis)
            post(work, refund_end_postings(rejected, refund, at), at)
            read_if_room(work, rejected, at)
            audit_refund(
                work,
                rejected,
                refund,
                action=f"refund.{refund.state}",
                origin=command.origin,
                at=at,
                moved_from=RefundState.AWAITING_APPROVAL,
            )
            tell_refund(work, rejected, refund, at, moved_from=RefundState.AWAITING_APPROVAL)
            await confirm(work)
        return RefundStanding(rejected, refund)
