"""Asking the bank for the page to pay on: intent is written before, the answer after, nothing is held between."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.write_effects import write_effects
from application.retry_on_conflict import retry_on_conflict
from domain.errors import ChangedMeanwhile
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
DESCRIPTION_LETTERS_MAX: Final = 255


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
        Return *payment* knowing its page at the bank, and *key* answered with it.

        After ``GatewayOutcomeUnknown`` the payment waits to be resumed; after any other ``GatewayFailure``
        it has failed, its place and slot are free and *key* has no answer.
        """
        try:
            return await self._ask(payment, key)
        except GatewayOutcomeUnknown:
            await retry_on_conflict(lambda: self._let_go(payment, key))
            raise
        except GatewayFailure as gateway_failure:
            failure = _failure(gateway_failure)
            await retry_on_conflict(lambda: self._give_up(payment, failure, key, origin))
            raise

    async def resume(self, payment: Payment, key: IdempotencyKey | None, origin: Origin) -> Payment:
        """
        Return *payment*, opened earlier by someone who never learnt the answer, with its page.

        The bank is asked first whether it knows the order: what it already did, or a session that
        is over, is settled instead. *key* is answered with a sale, and free after anything else.
        """
        try:
            facts = await self.read_order(payment.id, payment.student.id)
            unpaid = facts.verdict in {Verdict.NOT_ATTEMPTED, Verdict.UNKNOWN_ORDER}
            if unpaid and self.clock.now() < payment.expires_at:
                return await self._ask(payment, key)
        except GatewayFailure:
            # Only who opened the payment may give it up: another may be getting its page now.
            await retry_on_conflict(lambda: self._let_go(payment, key))
            raise
        settled = await self.apply(facts, origin)
        await retry_on_conflict(lambda: self._let_go(settled, key))
        return settled

    async def _ask(self, payment: Payment, key: IdempotencyKey | None) -> Payment:
        order = NewOrder(
            payment=payment.id,
            student=payment.student,
            amount=payment.quote.payable,
            description=payment.quote.course_title[:DESCRIPTION_LETTERS_MAX],
            lifetime=max(payment.expires_at - self.clock.now(), LIFETIME_MIN),
        )
        opened = await self.gateway.create_session(order)
        try:
            return await self._record(payment, opened, key)
        except ChangedMeanwhile:
            recorded = await retry_on_conflict(lambda: self._record_afresh(payment, opened, key))
        if recorded.state.is_unsold:
            raise GatewayOutcomeUnknown("the payment ended while its page was being opened")
        return recorded

    async def _record(
        self, payment: Payment, opened: GatewayOrder, key: IdempotencyKey | None
    ) -> Payment:
        async with self.unit_of_work() as work:
            return _keep_page(work, payment, opened, key)

    async def _record_afresh(
        self, payment: Payment, opened: GatewayOrder, key: IdempotencyKey | None
    ) -> Payment:
        async with self.unit_of_work() as work:
            current = await work.payments.repository.get(payment.id)
            return _keep_page(work, current, opened, key)

    async def _let_go(self, payment: Payment, key: IdempotencyKey | None) -> None:
        if key is None:
            return
        async with self.unit_of_work() as work:
            if payment.state.is_sold:
                work.idempotency.seal(key, payment.id)
            else:
                work.idempotency.release(key, payment.id, self.clock.now())

    async def _give_up(
        self, payment: Payment, failure: FailureReason, key: IdempotencyKey | None, origin: Origin
    ) -> None:
        at = self.clock.now()
        async with self.unit_of_work() as work:
            current = await work.payments.repository.get(payment.id)
            if current.awaits_session:
                write_effects(
                    work, fail_without_session(current, failure, at), origin=origin, at=at
                )
            if key is not None:
                work.idempotency.release(key, payment.id, at)


def _keep_page(
    work: Work, payment: Payment, opened: GatewayOrder, key: IdempotencyKey | None
) -> Payment:
    if payment.state.is_unsold:
        # Given up meanwhile, its place and slot are free: its page must not reach anybody.
        return payment
    known = payment.with_gateway_order(opened)
    if known is not payment:
        work.payments.repository.save(known)
    if key is not None:
        work.idempotency.seal(key, payment.id)
    return known


def _failure(gateway_failure: GatewayFailure) -> FailureReason:
    if isinstance(gateway_failure, GatewayDenied | GatewayRefused):
        return FailureReason.GATEWAY_REFUSED
    return FailureReason.GATEWAY_UNREACHABLE
