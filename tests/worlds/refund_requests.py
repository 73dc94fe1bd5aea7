"""Where staff of a school on fakes give money back."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from application.refunds.decide_refund import ApproveRefund, DecideRefundCommand, RejectRefund
from application.refunds.poll_refunds import PollRefunds
from application.refunds.request_refund import RequestRefund, RequestRefundCommand
from application.refunds.send_refund import SendRefund
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.payment import Payment
from domain.payments.refund import Refund, RequestKey
from domain.payments.refund_polling import DEFAULT_SCHEDULE, RefundPollingSchedule
from fakes.alerts import AlertBook
from fakes.samples import BY_SECOND, BY_STAFF, refund_id
from fakes.staff.second_factor import confirmed
from ports.audit_log import Origin
from ports.unit_of_work import Work
from worlds.memory import CALL_MAX, MemoryWorld

PLENTY = Money(10_00_000_00)


@dataclass(slots=True)
class RefundProcessing:
    """*alone_up_to* is what one member of staff may give back alone."""

    school: MemoryWorld
    approval_threshold: Money = PLENTY
    schedule: RefundPollingSchedule = DEFAULT_SCHEDULE
    alerts: AlertBook = field(default_factory=AlertBook)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def send(self) -> SendRefund:
        school = self.school
        return SendRefund(
            school.memory.unit_of_work,
            school.gateway,
            school.read_order,
            school.apply,
            school.clock,
        )

    @property
    def request(self) -> RequestRefund:
        return RequestRefund(
            unit_of_work=self.school.memory.unit_of_work,
            send=self.send,
            clock=self.school.clock,
            new_id=lambda: refund_id(next(self._numbers)),
            approval_threshold=self.approval_threshold,
            schedule=self.schedule,
        )

    @property
    def approve(self) -> ApproveRefund:
        return ApproveRefund(
            unit_of_work=self.school.memory.unit_of_work,
            send=self.send,
            clock=self.school.clock,
            schedule=self.schedule,
        )

    @property
    def reject(self) -> RejectRefund:
        return RejectRefund(unit_of_work=self.school.memory.unit_of_work, clock=self.school.clock)

    @property
    def follow(self) -> PollRefunds:
        school = self.school
        return PollRefunds(
            refund_polls=school.memory.refund_polls,
            unit_of_work=school.memory.unit_of_work,
            read_order=school.read_order,
            send=self.send,
            apply=school.apply,
            alerts=self.alerts,
            clock=school.clock,
            lease=CALL_MAX,
        )

    async def sold(self) -> Payment:
        """Return a payment that was paid, its letter written."""
        payment = await self.school.opens()
        self.school.gateway.pay(payment.id)
        return await self.school.hears(payment.id)

    async def asks(
        self,
        payment: PaymentId,
        paise: int,
        *,
        by: Origin = BY_STAFF,
        key: str | None = None,
        body: str = "a",
        revokes: bool = False,
        available: Money | None = None,
        confirm: Callable[[Work], Awaitable[None]] = confirmed,
    ) -> Refund:
        """Return the refund that a member of staff asked for."""
        command = RequestRefundCommand(
            payment=payment,
            amount=Money(paise),
            reason="course cancelled",
            origin=by,
            available=available,
            revokes=revokes,
            key=RequestKey(key=key, body_sha256=body * 64) if key else None,
        )
        return (await self.request(command, confirm)).refund

    async def agrees(self, payment: PaymentId, refund: RefundId, by: Origin = BY_SECOND) -> Refund:
        command = DecideRefundCommand(payment=payment, refund=refund, origin=by)
        return (await self.approve(command, confirmed)).refund

    async def says_no(self, payment: PaymentId, refund: RefundId, by: Origin = BY_SECOND) -> Refund:
        command = DecideRefundCommand(payment=payment, refund=refund, origin=by)
        return (await self.reject(command, confirmed)).refund

    def refund(self, payment: PaymentId, refund: RefundId) -> Refund:
        return self.school.payment(payment).refunds.get(refund)

    async def follows(self, after: timedelta | None = None) -> int:
        """Return how many refunds were asked about *after* so long, by default when the first look is due."""
        self.school.clock.move(self.schedule.first if after is None else after)
        return await self.follow()
