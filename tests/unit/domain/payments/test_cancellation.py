"""A student ends an open payment."""

from dataclasses import replace

import pytest

from domain.payments.cancellation import NotCancellable, cancel_payment
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import OrderFacts, ReviewReason, Verdict
from domain.payments.payment_state import State
from fakes.clock import NOON
from fakes.samples import a_code, a_payment, under_review


def test_it_ends_and_gives_its_discount_back() -> None:
    """
    As a failure of its own kind, of which no email is sent.
    """
    decision = cancel_payment(a_payment(discount=a_code()), NOON)

    ended = decision.payment
    assert (ended.state, ended.closed_at) == (State.FAILED, NOON)
    assert ended.failure is FailureReason.CANCELLED_BY_STUDENT
    assert decision.slot is not None
    assert not decision.failed_after_attempt


@pytest.mark.parametrize("state", [each for each in State if each is not State.PENDING])
def test_only_an_open_one_ends(state: State) -> None:
    """
    Not one that the bank is working on, nor one that is over.
    """
    with pytest.raises(NotCancellable):
        cancel_payment(replace(a_payment(), state=state), NOON)


def test_one_under_review_stays_open() -> None:
    """
    The bank may hold money for it.
    """
    with pytest.raises(NotCancellable):
        cancel_payment(under_review(a_payment(), ReviewReason.AUTHORISED_ONLY), NOON)


def test_money_that_comes_all_the_same_is_a_sale() -> None:
    """
    The student paid in another window.
    """
    ended = cancel_payment(a_payment(), NOON).payment
    charge = OrderFacts(
        payment=ended.id, verdict=Verdict.CHARGED, amount=ended.quote.payable, currency="INR"
    )

    late = apply_order_facts(ended, charge, at=NOON)

    assert late.payment.state is State.SUCCESS
    assert late.payment.failure is None
    assert late.enrols
