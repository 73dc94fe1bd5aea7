"""Whether a refund went into a dispute is told by when each was known."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import pytest

from domain.money import Money
from domain.payments.dispute import Dispute
from domain.payments.dispute_state import DisputeState
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState
from domain.payments.refunds import Refunds
from fakes.samples import a_payment, refund_id
from simulation.disputes import UNDER_WAY, DisputeWatch
from simulation.network import Request

PAYMENT: Final = a_payment()
NOON: Final = PAYMENT.opened_at
SOON: Final = timedelta(seconds=30)
PAID: Final = PAYMENT.quote.payable


@dataclass(slots=True)
class Clock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


def disputed(state: DisputeState, *refunds: Refund, payment: Payment = PAYMENT) -> Payment:
    dispute = Dispute(id="cb_1", amount=PAID, state=state, opened_at=NOON, respond_by=NOON)
    return replace(payment, disputes=(dispute,), refunds=Refunds(refunds))


REFUND: Final = Refund(
    id=refund_id(1),
    amount=Money(100),
    state=RefundState.REQUESTED,
    asked_by="system",
    asked_at=NOON,
)


def sent(watch: DisputeWatch) -> None:
    """Let a request for the refund leave for the bank."""
    url = f"https://gateway.example.com/orders/{PAYMENT.id}/refunds"
    watch.leaves(
        "worker-1>bank", Request("POST", url, body=f"unique_request_id={REFUND.id}".encode())
    )


def order(refunded: int) -> Any:
    """Return the bank's order, of which it gave back so many rupees."""
    refund = SimpleNamespace(amount=Decimal(refunded), counts=True)
    amount = Decimal(PAID.paise) / 100
    return SimpleNamespace(request=SimpleNamespace(amount=amount), refunds=[refund])


async def live(*parts: Callable[[], object]) -> None:
    """Do each of *parts* in a task of its own: none of them has to know what another wrote."""
    for part in parts:

        async def do(part: Callable[[], object] = part) -> None:
            part()

        await asyncio.create_task(do())


@pytest.mark.parametrize(
    ("requested_before", "after", "is_wrong"),
    [
        (False, timedelta(), True),
        (True, timedelta(), False),
        (True, UNDER_WAY + SOON, True),
    ],
    ids=["requested into it", "under way before", "sent later"],
)
def test_a_refund_that_is_sent_into_a_dispute_is_named(
    *, requested_before: bool, after: timedelta, is_wrong: bool
) -> None:
    """
    Another one may have read the payment before the dispute became known.
    """
    clock = Clock()
    watch = DisputeWatch(clock.now)
    payment = disputed(DisputeState.RECEIVED, REFUND)
    if requested_before:
        watch.look([replace(PAYMENT, refunds=Refunds((REFUND,)))])

    def later() -> None:
        clock.at += after
        sent(watch)

    asyncio.run(live(lambda: watch.look([payment]), later))
    assert bool(list(watch.wrong_with(payment, order(0)))) is is_wrong


def test_who_wrote_of_a_dispute_sends_nothing_into_it() -> None:
    """
    Not even at once, and not what was requested before.
    """
    watch = DisputeWatch(Clock().now)
    payment = disputed(DisputeState.RECEIVED, REFUND)
    watch.look([replace(PAYMENT, refunds=Refunds((REFUND,)))])

    def write_and_send() -> None:
        watch.look([payment])
        sent(watch)

    asyncio.run(live(write_and_send))
    assert list(watch.wrong_with(payment, order(0))) != []


def test_a_refund_after_a_dispute_that_was_won_is_as_it_should_be() -> None:
    """
    The money is still there.
    """
    clock = Clock()
    watch = DisputeWatch(clock.now)
    payment = disputed(DisputeState.WON, REFUND)

    def won() -> None:
        clock.at += SOON
        watch.look([payment])
        sent(watch)

    asyncio.run(live(lambda: watch.look([disputed(DisputeState.RECEIVED)]), won))
    assert list(watch.wrong_with(payment, order(1))) == []


def test_what_was_lost_in_a_dispute_is_not_given_back_once_more() -> None:
    """
    The payer would have it twice.
    """
    clock = Clock()
    watch = DisputeWatch(clock.now)
    payment = disputed(DisputeState.LOST, REFUND)

    def later() -> None:
        clock.at += UNDER_WAY + SOON
        sent(watch)

    asyncio.run(live(lambda: watch.look([payment]), later))
    assert list(watch.wrong_with(payment, order(1))) != []
    assert list(watch.wrong_with(payment, order(0))) == []
