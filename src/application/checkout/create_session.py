"""Create the bank's payment session: the payment is written before, the answer after, no unit is open between."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.write_effects import write_effects
from application.retry_on_conflict import retry_on_conflict
from domain.errors import ChangedMeanwhile
from domain.payments.basis import NoSessionBasis, NoteBasis, NoteKind
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import fail_without_session
from domain.payments.order_facts import Verdict
from domain.payments.payment import GatewayOrder, Payment
from ports.audit_log import Origin
from ports.clock import Clock
from ports.idempotency import IdempotencyKey
from ports.payments.payment_gateway import (
    GatewayDenied,
    GatewayFailure,
    GatewayOutcomeUnknown,
    GatewayRefused,
    NewOrder,
    PaymentGateway,
)
from ports.unit_of_work import UnitOfWork, Work

LIFETIME_MIN: Final = timedelta(minutes=1)
DESCRIPTION_CHARS_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class CreateSession:
    unit_of_work: UnitOfWork
    gateway: PaymentGateway
    read_order: ReadOrder
    apply: ApplyOrderStatus
    clock: Clock

    async def __call__(
        self, payment: Payment, key: IdempotencyKey | None, origin: Origin
    ) -> Payment:
        """
        Return *payment* with its session at the bank; it is the answer to *key* from now on.

        After ``GatewayOutcomeUnknown`` the payment waits to be resumed by the student's next request. After
        any other ``GatewayFailure`` it has failed: another payment for the course may begin, its discount
        slot and *key* are free.
        """
        try:
            return await self._create(payment, key)
        except GatewayOutcomeUnknown:
            await retry_on_conflict(lambda: self._leave_unanswered(payment, key))
            raise
        except GatewayFailure as gateway_failure:
            failure = _failure(gateway_failure)
            await retry_on_conflict(lambda: self._give_up(payment, failure, key, origin))
            raise

    async def resume(self, payment: Payment, key: IdempotencyKey | None, origin: Origin) -> Payment:
        """
        Return *payment*, begun by a request that did not learn the bank's answer, with its session.

        The order is read first. When the student has paid already, or the session is over, that is
        applied instead. Then a sale is the answer to *key*; after anything else *key* is free. Raises
        ``GatewayFailure``, and the payment stays as it is.
        """
        try:
            facts = await self.read_order(payment.id, payment.student.id)
            unpaid = facts.verdict in {Verdict.NOT_ATTEMPTED, Verdict.UNKNOWN_ORDER}
            if unpaid and self.clock.now() < payment.expires_at:
                return await self._create(payment, key)
        except GatewayFailure:
            # Only the request that began the payment may give it up: another may get its session now.
            await retry_on_conflict(lambda: self._release(payment, key))
            raise
        applied = await self.apply(facts, origin)
        await retry_on_conflict(lambda: self._release(applied, key))
        return applied

    async def _create(self, payment: Payment, key: IdempotencyKey | None) -> Payment:
        order = NewOrder(
            payment=payment.id,
            student=payment.student,
            amount=payment.quote.payable,
            description=payment.quote.course_title[:DESCRIPTION_CHARS_MAX],
            lifetime=max(payment.expires_at - self.clock.now(), LIFETIME_MIN),
        )
        session = await self.gateway.create_session(order)
        try:
            return await self._record(payment, session, key)
        except ChangedMeanwhile:
            recorded = await retry_on_conflict(
                lambda: self._record_on_newest(payment, session, key)
            )
        if recorded.state.is_unsold:
            raise GatewayOutcomeUnknown("the payment ended while its session was being created")
        return recorded

    async def _record(
        self, payment: Payment, session: GatewayOrder, key: IdempotencyKey | None
    ) -> Payment:
        async with self.unit_of_work() as work:
            return _keep_session(work, payment, session, key, self.clock.now())

    async def _record_on_newest(
        self, payment: Payment, session: GatewayOrder, key: IdempotencyKey | None
    ) -> Payment:
        async with self.unit_of_work() as work:
            current = await work.payments.repository.get(payment.id)
            return _keep_session(work, current, session, key, self.clock.now())

    async def _release(self, payment: Payment, key: IdempotencyKey | None) -> None:
        if key is None:
            return
        async with self.unit_of_work() as work:
            if payment.state.is_sold:
                work.idempotency.complete(key, payment.id)
            else:
                work.idempotency.release(key, payment.id, self.clock.now())

    async def _leave_unanswered(self, payment: Payment, key: IdempotencyKey | None) -> None:
        """Note that this request has ended: the next one need not wait as long as a call may take."""
        at = self.clock.now()
        async with self.unit_of_work() as work:
            current = await work.payments.repository.get(payment.id)
            if current.awaits_session:
                basis = NoteBasis(note=NoteKind.SESSION, at=at)
                work.payments.repository.save(current.without_answer(), basis)
            if key is not None:
                work.idempotency.release(key, payment.id, at)

    async def _give_up(
        self, payment: Payment, failure: FailureReason, key: IdempotencyKey | None, origin: Origin
    ) -> None:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            current = await work.payments.repository.get(payment.id)
            if current.awaits_session:
                basis = NoSessionBasis(failure=failure, at=at)
                decision = fail_without_session(current, failure, at)
                write_effects(work, decision, basis, origin=origin, at=at)
            if key is not None:
                work.idempotency.release(key, payment.id, at)


def _keep_session(
    work: Work,
    payment: Payment,
    session: GatewayOrder,
    key: IdempotencyKey | None,
    at: datetime,
) -> Payment:
    if payment.state.is_unsold:
        # It ended meanwhile, and another payment may have begun: nobody may pay in this session.
        return payment
    updated = payment.with_gateway_order(session)
    if updated is not payment:
        work.payments.repository.save(updated, NoteBasis(note=NoteKind.SESSION, at=at))
    if key is not None:
        work.idempotency.complete(key, payment.id)
    return updated


def _failure(gateway_failure: GatewayFailure) -> FailureReason:
    if isinstance(gateway_failure, GatewayDenied):
        return FailureReason.GATEWAY_DENIED
    if isinstance(gateway_failure, GatewayRefused):
        return FailureReason.GATEWAY_REFUSED
    return FailureReason.GATEWAY_UNREACHABLE
