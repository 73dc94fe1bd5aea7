"""A payment came to nothing and its student tries again: a new payment for the same, linked to the first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from application.checkout.create_session import CreateSession
from application.checkout.idempotency import (
    Answered,
    Opened,
    Resumed,
    audit,
    known,
    lock,
    payment_in_progress,
)
from application.checkout.initiate_payment import AlreadyEnrolled
from application.checkout.quote_course import granted, offered
from application.checkout.record_refusal import RecordRefusal
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.reschedule_poll import start_polling
from application.retry_on_conflict import retry_on_conflict
from domain.catalogue.quote import quote_course
from domain.errors import DomainError, NotFound
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment import Payment
from domain.payments.retry import RetryRefusal, RetryRefused
from domain.tax.indian_states import IndianState
from ports.audit_log import Origin
from ports.clock import Clock
from ports.idempotency import IdempotencyKey
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery
from ports.payments.payment_gateway import GatewaySuspended
from ports.unit_of_work import StorageUnavailable, UnitOfWork, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryWanted:
    """*body_sha256* is the hex digest of the request's meaning, compared when *key* comes again."""

    payment: PaymentId
    student: StudentId
    key: IdempotencyKey | None
    body_sha256: str
    origin: Origin


Step = Opened | Resumed | Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPayment:
    unit_of_work: UnitOfWork
    create_session: CreateSession
    read_order: ReadOrder
    apply: ApplyOrderStatus
    clock: Clock
    new_id: Callable[[], PaymentId]
    seller: IndianState
    lifetime: timedelta
    call_max: timedelta
    """Longer than finding out about and opening a page may take: after it, whoever was at it has died."""

    gateway_suspended_for: Callable[[], timedelta | None]
    """How long the bank is not worth asking for a page, None when it is."""

    async def __call__(self, wanted: RetryWanted) -> Payment:
        """
        Return a new payment for what *wanted* names, with its page at the bank.

        The bank is asked about the old one first: money it took after all is a sale and no retry.
        Raises ``RetryRefused``, ``PriceChanged``, what the quote raises, ``AlreadyEnrolled``,
        ``PaymentInProgress``, ``IdempotencyKeyReused``, ``IdempotencyKeyInUse``, ``NotFound`` for another's
        payment, and ``GatewayFailure``: also when the bank does not say how the old one stands.
        """
        try:
            return await self._retry(wanted)
        except StorageUnavailable:
            raise
        except DomainError as refusal:
            record = RecordRefusal(self.unit_of_work, self.clock)
            await record(wanted.student, refusal, wanted.origin)
            raise

    async def _retry(self, wanted: RetryWanted) -> Payment:
        step = await retry_on_conflict(lambda: self._look(wanted))
        if step is None:
            step = await self._ask_and_open(wanted)
        match step:
            case Answered(payment):
                return payment
            case Opened(payment):
                return await self.create_session(payment, wanted.key, wanted.origin)
            case Resumed(payment):
                resumed = await self.create_session.resume(payment, wanted.key, wanted.origin)
                if resumed.state.is_sold or (resumed.state.is_live and resumed.gateway_order):
                    return resumed
                raise RetryRefused(RetryRefusal.RETRIED_ALREADY, resumed.id)
            case _:
                assert_never(step)

    async def _ask_and_open(self, wanted: RetryWanted) -> Step:
        facts = await self.read_order(wanted.payment, wanted.student)
        await self.apply(facts, wanted.origin)
        new = self.new_id()
        return await retry_on_conflict(lambda: self._open(wanted, new))

    async def _look(self, wanted: RetryWanted) -> Step | None:
        """Return what the key stands for, None when a question to the bank is worth it."""
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment, facts = await self._read(work, wanted, at)
            step = known(work, facts, wanted, at=at, until=at + self.call_max)
            if step is not None:
                return step
            if not payment.state.is_live or at < payment.expires_at:
                await self._check(work, payment, facts, at)
            return None

    async def _open(self, wanted: RetryWanted, new: PaymentId) -> Step:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            payment, facts = await self._read(work, wanted, at)
            step = known(work, facts, wanted, at=at, until=at + self.call_max)
            if step is not None:
                return step
            await self._check(work, payment, facts, at)
            if (rest := self.gateway_suspended_for()) is not None:
                # Known beforehand: the old payment is not tied to a try that comes to nothing.
                raise GatewaySuspended(rest)
            course = offered(facts, payment.course)
            code = payment.quote.discount_code
            discount = granted(facts, course, code=code, clock=self.clock)
            quote = quote_course(course, payment.buyer, self.seller, discount)
            retried, opened = payment.retry_as(new, quote=quote, at=at, lifetime=self.lifetime)
            # Saved with its version: news of the old payment that comes in between undoes the retry.
            work.payments.repository.save(retried)
            work.payments.repository.add(opened)
            start_polling(work, opened, at)
            if discount is not None:
                work.catalogue.discounts.reserve(discount, wanted.student)
            audit(work, "payment.opened", opened, wanted.origin, at, to_state=opened.state)
            lock(work, wanted, opened.id, at=at, until=at + self.call_max)
            return Opened(opened)

    async def _read(
        self, work: Work, wanted: RetryWanted, at: datetime
    ) -> tuple[Payment, CheckoutFacts]:
        payment = await work.payments.repository.get(wanted.payment)
        if payment.student.id != wanted.student:
            raise NotFound("payment", wanted.payment)
        question = CheckoutQuery(
            student=wanted.student,
            course=payment.course,
            unsold_since=at,
            code=payment.quote.discount_code,
            key=wanted.key,
        )
        return payment, await work.payments.checkout_facts.read(question)

    async def _check(
        self, work: Work, payment: Payment, facts: CheckoutFacts, at: datetime
    ) -> None:
        """Return when *payment* may be tried again, or raise what stands against it."""
        standing = payment.retry_standing
        if payment.state.is_live:
            raise payment_in_progress(payment)
        if standing.refusal(at) is RetryRefusal.PAID:
            raise RetryRefused(RetryRefusal.PAID, payment.id)
        if facts.enrolled:
            raise AlreadyEnrolled(payment.course)
        if facts.live is not None:
            raise payment_in_progress(facts.live)
        if payment.retried_as is not None:
            heir = await work.payments.repository.get(payment.retried_as)
            if not heir.may_be_replaced:
                raise RetryRefused(RetryRefusal.RETRIED_ALREADY, heir.id)
            standing = replace(standing, retried=False)
        refusal = standing.refusal(at)
        if refusal is not None:
            raise RetryRefused(refusal, payment.id)
