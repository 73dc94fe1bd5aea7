"""Staff end a review: the order is read again, closed, given back or accepted, each with a reason and by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.write_effects import write_effects
from application.refunds.request_refund import RequestRefund, RequestRefundCommand
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.identifiers import PaymentId
from domain.payments.basis import Basis, ReviewAcceptedBasis, ReviewClosedBasis
from domain.payments.decision import Decision
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.refund import Refund, check_reason
from domain.payments.resolution import (
    PERMISSION_FOR,
    Resolution,
    accept_review,
    check_resolution,
    close_payment,
)
from domain.staff.staff_member import StaffId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveReviewCommand:
    """
    One *resolution* of one reason for a review, with the *reason* in the words of *staff*.

    *code* is their TOTP code, which every resolution needs but ``READ_AGAIN``.
    """

    payment: PaymentId
    review_reason: ReviewReason
    resolution: Resolution
    reason: str
    staff: StaffId
    origin: Origin
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The payment after the resolution, and the refund that it requested, None without one."""

    payment: Payment
    refund: Refund | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveReview:
    unit_of_work: UnitOfWork
    verify_totp: VerifyTotp
    request_refund: RequestRefund
    read_order: ReadOrder
    apply: ApplyOrderStatus
    clock: Clock

    async def __call__(self, command: ResolveReviewCommand) -> Resolved:
        """
        Return the payment after the resolution, which is written to the audit log with it.

        Raises
        - ``NotFound``, ``NotUnderReview`` and ``ResolutionUnlawful``;
        - ``ReasonRefused`` and ``CardNumberRefused``;
        - what ``VerifyTotp`` raises, but not for ``READ_AGAIN``;
        - ``GatewayFailure`` when the order cannot be read;
        - what ``RequestRefund`` raises.
        """
        check_reason(command.reason)
        if command.resolution is Resolution.READ_AGAIN:
            return await self._read_again(command)
        attempt = TotpAttempt(
            staff=command.staff,
            permission=PERMISSION_FOR[command.resolution],
            subject=command.payment,
            code=command.code,
        )
        act = self._act(command)
        return await self.verify_totp(attempt, act, command.origin)

    def _act(self, command: ResolveReviewCommand) -> Callable[[Confirm], Awaitable[Resolved]]:
        if command.resolution is Resolution.GIVE_BACK:
            return lambda confirm: self._give_back(command, confirm)
        return lambda confirm: retry_on_conflict(lambda: self._decide(command, confirm))

    async def _read_again(self, command: ResolveReviewCommand) -> Resolved:
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(command.payment)
            check_resolution(payment, command.review_reason, command.resolution)
            self._audit(work, command)
        facts = await self.read_order(payment.id, payment.student.id)
        return Resolved(await self.apply(facts, command.origin))

    async def _decide(self, command: ResolveReviewCommand, confirm: Confirm) -> Resolved:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(command.payment)
            decision: Decision
            basis: Basis
            if command.resolution is Resolution.CLOSE:
                decision = close_payment(payment, command.review_reason, at)
                basis = ReviewClosedBasis(reason=command.review_reason, at=at)
            else:
                decision = accept_review(payment, command.review_reason)
                basis = ReviewAcceptedBasis(reason=command.review_reason, at=at)
            write_effects(work, decision, basis, origin=command.origin, at=at)
            self._audit(work, command)
            await confirm(work)
        return Resolved(decision.payment)

    async def _give_back(self, command: ResolveReviewCommand, confirm: Confirm) -> Resolved:
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(command.payment)
        check_resolution(payment, command.review_reason, command.resolution)
        # The amount is named as it was seen here: a refund that came between is a conflict, not a second one.
        left = payment.refundable
        wanted = RequestRefundCommand(
            payment=payment.id,
            amount=left,
            available=left,
            reason=command.reason.strip(),
            origin=command.origin,
        )

        async def audited(work: Work) -> None:
            self._audit(work, command)
            await confirm(work)

        standing = await self.request_refund(wanted, audited)
        return Resolved(standing.payment, standing.refund)

    def _audit(self, work: Work, command: ResolveReviewCommand) -> None:
        work.audit.add(
            AuditEntry(
                at=self.clock.now(),
                origin=command.origin,
                action="payment.review_resolved",
                subject=command.payment,
                facts={
                    "review_reason": command.review_reason,
                    "resolution": command.resolution,
                    "reason": command.reason.strip(),
                },
            )
        )
