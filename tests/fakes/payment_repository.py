"""Payments in memory: read whole, written whole only if nothing changed since."""

import asyncio
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from domain.payment import Payment
from domain.payment_state import State
from fakes.store import Change, FaultOfOurs, Store
from ports.payment_repository import PaymentInContext


@dataclass(frozen=True, slots=True)
class MemoryPayments:
    store: Store
    changes: list[Change]

    async def get(self, payment: PaymentId) -> PaymentInContext:
        await asyncio.sleep(0)
        found = self.store.payments.get(payment)
        if found is None:
            raise NotFound("payment", payment)
        owner = self.store.owner(found.student.id, found.course)
        return PaymentInContext(found, None if owner == payment else owner)

    def add(self, payment: Payment) -> None:
        def change(store: Store) -> None:
            if payment.id in store.payments:
                raise FaultOfOurs(f"payment {payment.id} exists")
            if payment.state.is_live and store.live(payment.student.id, payment.course):
                raise ChangedMeanwhile("payment_one_live")
            if _taken(store, payment):
                raise ChangedMeanwhile("payment_one_retry")
            store.payments[payment.id] = _sound(payment)

        self.changes.append(change)

    def save(self, payment: Payment) -> None:
        def change(store: Store) -> None:
            known = store.payments.get(payment.id)
            if known is None or known.version != payment.version:
                raise ChangedMeanwhile("payment")
            if known.state is State.SUCCESS and payment.state is not State.SUCCESS:
                raise FaultOfOurs("a payment that succeeded cannot be undone")
            store.payments[payment.id] = _sound(replace(payment, version=payment.version + 1))

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
    if payment.state is State.SUCCESS and payment.captured != payment.quote.payable:
        raise FaultOfOurs("sold means captured")
    return payment
