"""Payments in memory: read whole, written whole only if nothing changed since."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from domain.money import ZERO
from domain.payments.basis import Basis, BegunBasis
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState
from domain.reconciliation.resolution_context import is_asked_refund
from fakes.store import Change, FaultOfOurs, Store
from ports.payments.payment_repository import KnownRefundRequest, PaymentInContext


@dataclass(frozen=True, slots=True)
class MemoryPayments:
    store: Store
    changes: list[Change]

    async def get(self, payment: PaymentId) -> Payment:
        return (await self.get_in_context(payment)).payment

    async def get_in_context(self, payment: PaymentId) -> PaymentInContext:
        await asyncio.sleep(0)
        found = self.store.payments.get(payment)
        if found is None:
            raise NotFound("payment", payment)
        owner = self.store.owner(found.student.id, found.course)
        course = self.store.courses.get(found.course)
        return PaymentInContext(
            payment=found,
            owned_by=None if owner == payment else owner,
            on_sale=course is not None and course.active,
            opened=payment in self.store.enrolments,
            second_charges=tuple(
                each.amount
                for each in self.store.resolutions.values()
                if each.payment == payment and is_asked_refund(each)
            ),
        )

    async def refund_request(self, by: str, key: str) -> KnownRefundRequest | None:
        await asyncio.sleep(0)
        return next(
            (
                KnownRefundRequest(
                    payment=payment, refund=refund.id, body_sha256=refund.key.body_sha256
                )
                for payment, refund in _keyed(self.store)
                if refund.key and (refund.asked_by, refund.key.key) == (by, key)
            ),
            None,
        )

    def add(self, payment: Payment) -> None:
        def change(store: Store) -> None:
            if payment.id in store.payments:
                raise FaultOfOurs(f"payment {payment.id} exists")
            if payment.state.is_live and store.live(payment.student.id, payment.course):
                raise ChangedMeanwhile("payment_one_live")
            if _taken(store, payment):
                raise ChangedMeanwhile("payment_one_retry")
            reference = payment.client_reference
            if reference and reference.first is None and store.referenced(reference.text):
                raise ChangedMeanwhile("payment_one_client_reference")
            store.payments[payment.id] = _sound(payment)
            store.keep(payment.id, payment.version, BegunBasis.of(payment))

        self.changes.append(change)

    def save(self, payment: Payment, basis: Basis) -> None:
        def change(store: Store) -> None:
            known = store.payments.get(payment.id)
            if known is None or known.version != payment.version:
                raise ChangedMeanwhile("payment")
            _check_forward(known, payment)
            _check_keys(store, payment)
            store.payments[payment.id] = _sound(replace(payment, version=payment.version + 1))
            store.keep(payment.id, payment.version + 1, basis)

        self.changes.append(change)


def _taken(store: Store, payment: Payment) -> bool:
    """Whether another retry that counts has the number of *payment* already."""
    mine = payment.retry
    return mine is not None and any(
        other.retry is not None
        and other.retry.counts
        and (other.retry.first, other.retry.number) == (mine.first, mine.number)
        for other in store.payments.values()
    )


def _sound(payment: Payment) -> Payment:
    if payment.state.is_sold and payment.captured != payment.quote.payable:
        raise FaultOfOurs("sold means captured")
    back = payment.refunds.went_back
    if back + payment.refunds.in_flight > payment.captured:
        raise FaultOfOurs("more goes back than was captured")
    wanted = {
        State.SUCCESS: not back,
        State.PARTIALLY_REFUNDED: ZERO < back < payment.captured,
        State.REFUNDED: back == payment.captured,
    }
    if not wanted.get(payment.state, True):
        raise FaultOfOurs("the state tells what went back")
    if any(refund.amount <= ZERO for refund in payment.refunds):
        raise FaultOfOurs("a refund of nothing")
    return payment


def _check_forward(known: Payment, payment: Payment) -> None:
    if known.state.is_sold and not payment.state.is_sold:
        raise FaultOfOurs("a payment that succeeded cannot be undone")
    for refund in known.refunds:
        now = payment.refunds.find(refund.id)
        if refund.state is RefundState.SUCCESS and (
            now is None or (now.state, now.amount) != (refund.state, refund.amount)
        ):
            raise FaultOfOurs("a refund that reached the student cannot be undone")


def _check_keys(store: Store, payment: Payment) -> None:
    """One key of one asker stands for one refund, and one id of ours for one as well."""
    for other, refund in _keyed(store):
        for mine in payment.refunds:
            if (other, refund.id) == (payment.id, mine.id):
                continue
            if refund.id == mine.id and not refund.outside and not mine.outside:
                raise FaultOfOurs("refund_once")
            if (
                refund.key
                and mine.key
                and (refund.asked_by, refund.key.key) == (mine.asked_by, mine.key.key)
            ):
                raise ChangedMeanwhile("refund_key_once")


def _keyed(store: Store) -> Iterator[tuple[PaymentId, Refund]]:
    for payment in store.payments.values():
        for refund in payment.refunds:
            yield payment.id, refund
