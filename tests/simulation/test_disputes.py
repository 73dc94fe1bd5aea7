"""Whether a refund went into a dispute is told by when each was known."""

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


def order(*sent: datetime) -> Any:
    """Return the bank's order with a refund for each instant at which it got one."""
    return SimpleNamespace(
        request=SimpleNamespace(amount=Decimal(PAID.paise) / 100),
        refunds=[
            SimpleNamespace(
                unique_request_id=REFUND.id, amount=Decimal(1), created_at=each, counts=True
            )
            for each in sent
        ],
    )


@pytest.mark.parametrize(
    ("requested_before", "after", "is_wrong"),
    [(False, SOON, True), (True, SOON, False), (True, UNDER_WAY + SOON, True)],
    ids=["requested into it", "under way before", "sent again later"],
)
def test_a_refund_that_is_sent_into_a_dispute_is_named(
    *, requested_before: bool, after: timedelta, is_wrong: bool
) -> None:
    """
    One that was under way when the dispute became known may still arrive.
    """
    watch = DisputeWatch(Clock().now)
    if requested_before:
        watch.look([replace(PAYMENT, refunds=Refunds((REFUND,)))])
    payment = disputed(DisputeState.RECEIVED, REFUND)
    watch.look([payment])
    assert bool(list(watch.wrong_with(payment, order(NOON + after)))) is is_wrong


def test_a_refund_after_a_dispute_that_was_won_is_as_it_should_be() -> None:
    """
    The money is still there.
    """
    clock = Clock()
    watch = DisputeWatch(clock.now)
    watch.look([disputed(DisputeState.RECEIVED)])
    clock.at += SOON
    payment = disputed(DisputeState.WON, REFUND)
    watch.look([payment])
    assert list(watch.wrong_with(payment, order(clock.at + SOON))) == []


def test_what_was_lost_in_a_dispute_is_not_given_back_once_more() -> None:
    """
    The payer would have it twice.
    """
    clock = Clock()
    watch = DisputeWatch(clock.now)
    payment = disputed(DisputeState.LOST, REFUND)
    watch.look([payment])
    assert list(watch.wrong_with(payment, order(NOON + UNDER_WAY + SOON))) != []
