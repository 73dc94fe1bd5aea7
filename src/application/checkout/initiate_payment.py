"""A student decides to pay: one live payment per course, its price fixed, and the bank's page to pay on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from application.checkout.create_session import CreateSession
from application.checkout.idempotency import (
    Answered,
    Opened,
    PaymentInProgress,
    Resumed,
    audit,
    known,
    lock,
    payment_in_progress,
)
from application.checkout.quote_course import granted, offered
from application.checkout.record_refusal import RecordRefusal
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from application.order_status.reschedule_poll import start_polling
from application.order_status.write_effects import write_further_effects
from application.retry_on_conflict import retry_on_conflict
from domain.catalogue.course import CourseId
from domain.catalogue.quote import quote_course
from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.order_decisions import complete_without_payment
from domain.payments.payment import Payment, Student
from domain.payments.polling_schedule import UNSOLD_POLLED_FOR
from domain.tax.gst import Buyer
from domain.tax.indian_states import IndianState
from ports.audit_log import Origin
from ports.clock import Clock
from ports.idempotency import IdempotencyKey
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery
from ports.payments.payment_gateway import GatewaySuspended
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work


class AlreadyEnrolled(DomainError):
    """The course is open to this student already."""

    def __init__(self, course: CourseId) -> None:
        self.course = course
        super().__init__(f"the course {course} is already open to this student")


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiationWanted:
    """*body_sha256* is the hex digest of the request's meaning, compared when *key* comes again."""

    student: Student
    course: CourseId
    buyer: Buyer
    code: str | None
    key: IdempotencyKey | None
    body_sha256: str
    origin: Origin


class _PerhapsPaid(Exception):
    """An earlier payment for the course failed or expired; its page may have taken the money since."""

    def __init__(self, payment: PaymentId) -> None:
        self.payment = payment
        super().__init__(payment)


Step = Opened | Resumed | Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiatePayment:
    unit_of_work: UnitOfWork
    create_session: CreateSession
    read_order: ReadOrder
    apply: ApplyOrderStatus
    refresh_order: RefreshOrder
    clock: Clock
    new_id: Callable[[], PaymentId]
    seller: IndianState
    lifetime: timedelta
    call_max: timedelta
    """Longer than finding out about and opening a page may take: after it, whoever was at it has died."""

    gateway_suspended_for: Callable[[], timedelta | None]
    """How long the bank is not worth asking for a page, None when it is."""

    async def __call__(self, wanted: InitiationWanted) -> Payment:
        """
        Return the student's payment with its page at the bank, or settled when nothing was to pay.

        Raises what the quote raises, ``AlreadyEnrolled``, ``PaymentInProgress``, ``IdempotencyKeyReused``,
        ``IdempotencyKeyInUse``, and ``GatewayFailure``: after ``GatewayOutcomeUnknown`` the payment waits and the same
        request resumes it, after any other trouble it has failed and its place and slot are free;
        while the bank rests, nothing is opened at all.
        """
        try:
            return await self._initiate(wanted)
        except StorageUnavailable:
            raise
        except DomainError as refusal:
            record = RecordRefusal(self.unit_of_work, self.clock)
            await record(wanted.student.id, refusal, wanted.origin, course=wanted.course)
            raise

    async def _initiate(self, wanted: InitiationWanted) -> Payment:
        try:
            step = await self._first_unit(wanted)
        except PaymentInProgress as live:
            step = await self._past_the_live_one(wanted, live.payment)
        match step:
            case Answered(payment):
                return payment
            case Opened(payment):
                return await self.create_session(payment, wanted.key, wanted.origin)
            case Resumed(payment):
                return await self._go_on_with(payment, wanted)
            case _:
                assert_never(step)

    async def _go_on_with(self, payment: Payment, wanted: InitiationWanted) -> Payment:
        resumed = await self.create_session.resume(payment, wanted.key, wanted.origin)
        if resumed.state.is_unsold:
            # It came to nothing while nobody looked, and the key is free again: begin anew.
            return await self._initiate(wanted)
        if resumed.gateway_order is None and not resumed.state.is_sold:
            raise payment_in_progress(resumed)
        return resumed

    async def _first_unit(self, wanted: InitiationWanted) -> Step:
        payment = self.new_id()
        try:
            return await retry_on_conflict(lambda: self._open(wanted, payment, unsure=True))
        except _PerhapsPaid as doubt:
            # A silent bank does not hold the student back; a second payment would be noticed.
            await self.refresh_order(doubt.payment, wanted.student.id, wanted.origin)
        return await self._surely_open(wanted, payment)

    async def _surely_open(self, wanted: InitiationWanted, payment: PaymentId) -> Step:
        """Return the first unit's step without another question: the bank's answer is a moment old."""
        return await retry_on_conflict(lambda: self._open(wanted, payment, unsure=False))

    async def _open(self, wanted: InitiationWanted, payment: PaymentId, *, unsure: bool) -> Step:
        at = self.clock.now()
        question = CheckoutQuery(
            student=wanted.student.id,
            course=wanted.course,
            unsold_since=at - UNSOLD_POLLED_FOR,
            code=wanted.code,
            key=wanted.key,
        )
        async with self.unit_of_work() as work:
            facts = await work.payments.checkout_facts.read(question)
            step = known(work, facts, wanted, at=at, until=at + self.call_max)
            if step is not None:
                return step
            if unsure and facts.unsold and not facts.enrolled and facts.live is None:
                raise _PerhapsPaid(facts.unsold)
            return self._open_new(work, facts, wanted, payment, at)

    def _open_new(
        self,
        work: Work,
        facts: CheckoutFacts,
        wanted: InitiationWanted,
        payment: PaymentId,
        at: datetime,
    ) -> Step:
        course = offered(facts, wanted.course)
        if facts.enrolled:
            raise AlreadyEnrolled(course.id)
        if facts.live is not None:
            raise payment_in_progress(facts.live)
        discount = granted(facts, course, code=wanted.code, clock=self.clock)
        opened = Payment.begin(
            payment,
            student=wanted.student,
            buyer=wanted.buyer,
            quote=quote_course(course, wanted.buyer, self.seller, discount),
            at=at,
            lifetime=self.lifetime,
        )
        if not opened.quote.is_free and (rest := self.gateway_suspended_for()) is not None:
            # Known beforehand: no payment has to fail for it, and no place or slot to be taken.
            raise GatewaySuspended(rest)
        if discount is not None:
            work.catalogue.discounts.reserve(discount, wanted.student.id)
        audit(work, "payment.opened", opened, wanted.origin, at, to_state=opened.state)
        lock(
            work,
            wanted,
            opened.id,
            at=at,
            until=at + self.call_max,
            sealed=opened.quote.is_free,
        )
        if not opened.quote.is_free:
            work.payments.repository.add(opened)
            start_polling(work, opened, at)
            return Opened(opened)
        decision = complete_without_payment(opened, at)
        work.payments.repository.add(decision.payment)
        write_further_effects(work, decision, origin=wanted.origin, at=at)
        return Answered(decision.payment)

    async def _past_the_live_one(self, wanted: InitiationWanted, live: PaymentId) -> Step:
        """
        Return the first unit's step if the live payment turns out to be over, or raise it again.

        A page that nobody knows because its asker died is asked for anew, so that the student can
        go on where they stopped.
        """
        async with self.unit_of_work() as work:
            payment = await work.payments.repository.get(live)
        at = self.clock.now()
        if at >= payment.expires_at:
            facts = await self.read_order(payment.id, payment.student.id)
            payment = await self.apply(facts, wanted.origin)
        elif payment.gateway_order is None and at >= payment.opened_at + self.call_max:
            payment = await self.create_session.resume(payment, None, wanted.origin)
        if payment.state.is_live:
            raise payment_in_progress(payment)
        return await self._surely_open(wanted, self.new_id())
