"""Another amount or currency than was quoted: recorded, no sale, the course is free, and the money goes back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from domain.identifiers import RefundId, system_refund_of
from domain.money import ZERO, Money
from domain.payments.decision import Decision, Step
from domain.payments.discount_reservation import DiscountReservation, SlotEffect
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State
from domain.payments.refund import NotRefundable, RefundRequest
from domain.payments.refund_state import RefundState
from domain.payments.resolution import Resolution, accept_review, lawful_resolutions
from domain.payments.unwanted_charge import REFUND_REASON_FOR
from fakes.clock import NOON
from fakes.samples import a_code, a_payment

LATER: Final = NOON + timedelta(minutes=5)
TAKEN: Final = Money(900_00)
PRICE: Final = a_payment().quote.payable
LIVE: Final = [State.PENDING, State.PROCESSING]
UNSOLD: Final = [State.FAILED, State.EXPIRED]
AMOUNT, CURRENCY = ReviewReason.AMOUNT_DIFFERS, ReviewReason.CURRENCY_DIFFERS
MINE: Final = system_refund_of(a_payment().id)


def charged(*refunds: RefundFacts, **more: Any) -> OrderFacts:
    said: dict[str, Any] = {"amount": TAKEN, "currency": "INR", "bank_txn_id": "t-1"} | more
    return OrderFacts(payment=a_payment().id, verdict=Verdict.CHARGED, refunds=refunds, **said)


def back(refund: RefundId = MINE, amount: Money = TAKEN) -> RefundFacts:
    return RefundFacts(id=refund, amount=amount, verdict=RefundVerdict.PAID)


def apply(payment: Payment, facts: OrderFacts, *, returns: bool = True) -> Decision:
    return apply_order_facts(payment, facts, at=LATER, returns_mismatch=returns)


@pytest.mark.parametrize("state", [*LIVE, *UNSOLD])
def test_another_amount_is_recorded_and_goes_back(state: State) -> None:
    """
    The session ends, the slot is free, and all of it is refunded by the system; once.
    """
    payment = replace(a_payment(), state=state)

    decision = apply(payment, charged())

    now = decision.payment
    assert now.capture is not None
    assert (now.captured, now.capture.currency, now.capture.bank_txn_id) == (TAKEN, "INR", "t-1")
    assert now.state is (State.FAILED if state.is_live else state)
    step = Step(state, Event.CHARGED_OTHERWISE) if state.is_live else None
    assert (decision.sale, decision.enrols, decision.raised) == (step, False, (AMOUNT,))
    assert not decision.failed_after_attempt
    (refund,) = now.refunds
    assert (refund.id, refund.amount, refund.state, refund.asked_by, refund.reason) == (
        MINE,
        TAKEN,
        RefundState.REQUESTED,
        "system",
        REFUND_REASON_FOR[AMOUNT],
    )
    assert now.refundable == ZERO
    assert not apply(now, charged()).is_news


def test_a_discount_is_free_for_somebody_else() -> None:
    """
    No sale uses none.
    """
    decision = apply(a_payment(discount=a_code()), charged())

    assert decision.payment.reservation is DiscountReservation.RELEASED
    assert decision.slot is SlotEffect.RELEASE


@pytest.mark.parametrize("state", [*LIVE, *UNSOLD])
def test_the_review_ends_when_all_has_gone_back(state: State) -> None:
    """
    And the same answer does not begin it again.
    """
    payment = apply(replace(a_payment(), state=state), charged()).payment

    ended = apply(payment, charged(back()))

    assert ended.payment.went_back_in_full
    assert ended.cleared == (AMOUNT,)
    assert not ended.payment.review
    assert not ended.payment.state.is_sold
    assert not apply(ended.payment, charged(back())).is_news
    assert not apply(ended.payment, charged()).is_news


def test_what_the_bank_returned_already_is_adopted() -> None:
    """
    In the same answer: nothing is left to refund, and nothing is refunded twice.
    """
    decision = apply(a_payment(), charged(back(RefundId("AR1"))))

    payment = decision.payment
    assert [each.id for each in payment.refunds] == ["AR1"]
    assert payment.review.reasons == {ReviewReason.REFUND_OUTSIDE}
    assert payment.refundable == ZERO


@pytest.mark.parametrize(
    ("facts", "returns", "why"),
    [
        (charged(), False, AMOUNT),
        (charged(currency="USD"), True, CURRENCY),
        (charged(currency="USD", amount=PRICE), False, CURRENCY),
    ],
)
def test_staff_return_what_does_not_go_back_by_itself(
    facts: OrderFacts, why: ReviewReason, *, returns: bool
) -> None:
    """
    By the setting, or because it is another currency: that only the bank's dashboard refunds.
    """
    decision = apply(a_payment(), facts, returns=returns)

    payment = decision.payment
    assert payment.capture is not None
    assert (payment.captured, payment.capture.currency) == (facts.amount, facts.currency)
    assert (payment.state, payment.refunds.known) == (State.FAILED, ())
    assert payment.review.reasons == {why}
    ours = why is AMOUNT
    assert payment.refundable == (TAKEN if ours else ZERO)
    assert (Resolution.GIVE_BACK in lawful_resolutions(payment, why)) is ours
    assert not apply(payment, facts, returns=returns).is_news
    request = RefundRequest(id=MINE, amount=TAKEN, reason="wrong amount", by="staff:mira")
    if ours:
        asked = payment.request_refund(request, at=LATER, approval_threshold=TAKEN)
        assert asked.refundable == ZERO
    else:
        with pytest.raises(NotRefundable):
            payment.request_refund(request, at=LATER, approval_threshold=TAKEN)
    amount = facts.amount or ZERO
    returned = apply(payment, replace(facts, refunds=(back(RefundId("AR1"), amount),)))
    assert returned.payment.went_back_in_full
    assert returned.payment.review.reasons == {ReviewReason.REFUND_OUTSIDE}


def test_what_staff_accepted_stays() -> None:
    """
    It does not go back by a later reading.
    """
    kept = apply(a_payment(), charged(), returns=False).payment

    accepted = accept_review(kept, AMOUNT).payment

    assert not apply(accepted, charged()).is_news


def test_the_bank_may_correct_itself_before_anything_goes_back() -> None:
    """
    Another amount takes the place of the first, and the quoted one is a sale.
    """
    first = apply(a_payment(), charged(), returns=False).payment

    other = apply(first, charged(amount=Money(1)), returns=False)
    usd = apply(first, charged(currency="USD"), returns=False).payment
    sold = apply(first, charged(amount=PRICE)).payment

    assert (other.payment.captured, other.is_news) == (Money(1), True)
    assert usd.review.reasons == {CURRENCY}
    assert (sold.state, sold.captured, bool(sold.review)) == (State.SUCCESS, PRICE, False)


def test_nothing_is_sold_by_a_charge_that_is_going_back() -> None:
    """
    The recorded amount stays, so that its refunds fit; staff see any other word of the bank.
    """
    returning = apply(a_payment(), charged()).payment

    for facts in (charged(amount=PRICE), charged(amount=Money(1))):
        now = apply(returning, facts).payment
        assert (now.state, now.captured, now.refunds) == (State.FAILED, TAKEN, returning.refunds)
        assert AMOUNT in now.review


def test_a_part_that_went_back_leaves_the_rest_under_review() -> None:
    """
    Until all of it is back.
    """
    kept = apply(a_payment(), charged(), returns=False).payment

    part = apply(kept, charged(back(RefundId("AR1"), Money(100_00))), returns=False).payment

    assert part.refundable == Money(800_00)
    assert part.review.reasons == {AMOUNT, ReviewReason.REFUND_OUTSIDE}
    assert part.state is State.FAILED
