"""Reasons for a review are a set: none hides another, and each ends by its own end only."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from domain.payments.decision import take_step
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import FINAL_WITHOUT_SALE, OrderFacts, ReviewReason, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State
from domain.payments.review import NOT_REVIEWED, STANDING, STATUS_REASONS, OpenReason
from fakes.clock import NOON
from fakes.samples import a_payment, under_review

LATER = NOON + timedelta(hours=1)
HEAVY, LIGHT = ReviewReason.PAID_TWICE, ReviewReason.VOIDED
EVERY = tuple(ReviewReason)


def answer(payment: Payment, verdict: Verdict, reason: ReviewReason | None = None) -> OrderFacts:
    return OrderFacts(
        payment=payment.id,
        verdict=verdict,
        amount=payment.quote.payable,
        currency="INR",
        review_reason=reason,
    )


@pytest.mark.parametrize("reason", ReviewReason)
def test_a_payment_is_under_review_while_the_bank_may_hold_its_money(reason: ReviewReason) -> None:
    """
    An order that is over at the bank holds none; a second reason does not hide the first.
    """
    payment = under_review(a_payment(), reason)

    assert payment.is_under_review is (reason not in FINAL_WITHOUT_SALE)
    assert not a_payment().is_under_review
    assert under_review(a_payment(), LIGHT, HEAVY).is_under_review


def test_no_reason_hides_another() -> None:
    """
    Whatever comes on top: both are open, the age of the first stays, and the gravest one is named.
    """
    both = NOT_REVIEWED.with_(LIGHT, at=NOON).with_(HEAVY, at=LATER).with_(LIGHT, at=LATER)

    assert both.known == (OpenReason(LIGHT, NOON), OpenReason(HEAVY, LATER))
    assert (both.since, both.gravest) == (NOON, HEAVY)
    assert both.without(HEAVY).gravest is LIGHT
    assert (NOT_REVIEWED.since, NOT_REVIEWED.gravest) == (None, None)


def test_the_order_in_which_reasons_come_makes_no_difference() -> None:
    """
    At one instant they are one set.
    """
    reasons = EVERY[:4]
    made = set()
    for order in permutations(reasons):
        review = NOT_REVIEWED
        for reason in order:
            review = review.with_(reason, at=NOON)
        made.add(review)

    assert made == {NOT_REVIEWED.with_(*reasons, at=NOON)}


@pytest.mark.parametrize("reason", ReviewReason)
def test_each_reason_ends_by_itself(reason: ReviewReason) -> None:
    """
    The others stay as they are.
    """
    every = NOT_REVIEWED.with_(*EVERY, at=NOON)

    assert every.without(reason).reasons == set(EVERY) - {reason}
    assert NOT_REVIEWED.without(reason) is NOT_REVIEWED


@pytest.mark.parametrize("reason", ReviewReason)
def test_what_staff_accepted_is_not_opened_by_the_same_answer(reason: ReviewReason) -> None:
    """
    Only for what each answer says anew; a step of the payment ends the acceptance.
    """
    accepted = NOT_REVIEWED.with_(reason, at=NOON).accepting(reason)

    again = accepted.with_(reason, at=LATER)

    assert not accepted
    assert bool(again) is (reason not in STANDING)
    assert accepted.moved().with_(reason, at=LATER).since == LATER


def test_a_step_of_the_payment_ends_what_was_accepted() -> None:
    """
    The bank's word about the next state is a new one.
    """
    accepted = NOT_REVIEWED.with_(LIGHT, at=NOON).accepting(LIGHT)
    payment = replace(a_payment(), review=accepted)

    moved = take_step(payment, Event.BANK_BUSY, LATER).payment

    assert moved.flagged(LIGHT, at=LATER).review.reasons == {LIGHT}


@pytest.mark.parametrize("reason", sorted(STATUS_REASONS))
@pytest.mark.parametrize("verdict", [Verdict.CHARGED, Verdict.DECLINED])
@pytest.mark.parametrize("state", State)
def test_a_clear_answer_ends_what_an_unclear_one_began(
    state: State, verdict: Verdict, reason: ReviewReason
) -> None:
    """
    Also when it moves nothing; the reason that has another end stays.
    """
    payment = under_review(replace(a_payment(), state=state), reason, ReviewReason.REFUND_OUTSIDE)

    decision = apply_order_facts(payment, answer(payment, verdict), at=LATER)

    assert decision.payment.review.reasons == {ReviewReason.REFUND_OUTSIDE}
    assert reason in decision.cleared
    assert decision.is_news


@pytest.mark.parametrize("reason", sorted(STATUS_REASONS))
def test_one_unclear_status_takes_the_place_of_another(reason: ReviewReason) -> None:
    """
    The order has one status; a reason of another kind stays.
    """
    other = next(each for each in sorted(STATUS_REASONS) if each is not reason)
    payment = under_review(a_payment(), other, ReviewReason.PAID_TWICE)

    decision = apply_order_facts(payment, answer(payment, Verdict.UNCLEAR, reason), at=NOON)

    assert decision.payment.review.reasons == {reason, ReviewReason.PAID_TWICE}
    assert (decision.raised, decision.cleared) == ((reason,), (other,))


def test_a_sale_keeps_reasons_of_its_refunds() -> None:
    """
    A charge ends no question about money that went back.
    """
    payment = under_review(a_payment(), ReviewReason.REFUND_OUTSIDE, ReviewReason.UNRESOLVED)

    sold = apply_order_facts(payment, answer(payment, Verdict.CHARGED), at=LATER)

    assert sold.payment.state is State.SUCCESS
    assert sold.payment.review.reasons == {ReviewReason.REFUND_OUTSIDE}
