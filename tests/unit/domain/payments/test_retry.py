"""When a payment may be tried again, how often, until when, and what the next one takes over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.catalogue.expected_quote import PriceChanged
from domain.catalogue.quote import quote_course
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import fail_without_session
from domain.payments.order_facts import FINAL_WITHOUT_SALE, ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.retry import (
    RETRIES_MAX,
    RETRY_WITHIN,
    Retry,
    RetryRefusal,
    RetryStanding,
)
from domain.tax.indian_states import indian_state
from fakes.clock import NOON
from fakes.samples import (
    ASHAS_BILL,
    LIFETIME,
    SELLER,
    a_code,
    a_course,
    a_payment,
    payment_id,
    under_review,
)

MOMENT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
DECLINED = RetryStanding(
    state=State.FAILED,
    failure=FailureReason.DECLINED_BY_BANK,
    under_review=False,
    retries=0,
    begun_at=NOON,
    retried=False,
)


def ended(number: int = 1) -> Payment:
    return replace(
        a_payment(number),
        state=State.FAILED,
        failure=FailureReason.DECLINED_BY_BANK,
        closed_at=NOON,
    )


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
def test_an_unsold_payment_may_be_retried_for_a_day(state: State) -> None:
    """
    Counted from the first attempt, to the instant.
    """
    standing = replace(DECLINED, state=state)

    assert standing.until == NOON + RETRY_WITHIN
    assert standing.refusal(NOON + RETRY_WITHIN - MOMENT) is None
    assert standing.refusal(NOON + RETRY_WITHIN) is RetryRefusal.TOO_LATE


@pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING])
def test_a_live_payment_has_no_retry(state: State) -> None:
    """
    It can be continued instead.
    """
    assert replace(DECLINED, state=state, failure=None).until is None


def test_what_was_paid_is_not_paid_again() -> None:
    """
    Whatever else there is to say of it.
    """
    paid = replace(DECLINED, state=State.SUCCESS, failure=None, under_review=True)

    assert paid.refusal(NOON) is RetryRefusal.PAID
    assert paid.until is None


@pytest.mark.parametrize("review_reason", ReviewReason)
def test_a_payment_under_review_is_not_retried(review_reason: ReviewReason) -> None:
    """
    Only what the bank itself gave back leaves the way free.
    """
    free = review_reason in FINAL_WITHOUT_SALE
    payment = under_review(ended(), review_reason)
    refusal = payment.retry_standing.refusal(NOON)

    assert refusal is (None if free else RetryRefusal.UNDER_REVIEW)


@pytest.mark.parametrize("failure", FailureReason)
def test_only_failures_that_a_retry_can_help(failure: FailureReason) -> None:
    """
    The table of failures decides.
    """
    refusal = replace(DECLINED, failure=failure).refusal(NOON)

    assert refusal is (None if failure.retriable else RetryRefusal.NOT_RETRIABLE)


def test_three_retries_and_no_more() -> None:
    """
    The fourth attempt in all is the last.
    """
    assert replace(DECLINED, retries=RETRIES_MAX - 1).refusal(NOON) is None
    assert replace(DECLINED, retries=RETRIES_MAX).refusal(NOON) is RetryRefusal.TOO_MANY


def test_one_payment_is_tried_again_once() -> None:
    """
    The next retry is of the retry.
    """
    assert replace(DECLINED, retried=True).refusal(NOON) is RetryRefusal.RETRIED_ALREADY


def test_a_retry_is_the_same_purchase_anew() -> None:
    """
    Same student, buyer and price; a session of its own; linked both ways.
    """
    first = ended()

    old, new = first.retry_as(payment_id(2), quote=first.quote, at=NOON + HOUR, lifetime=LIFETIME)

    assert replace(first, retried_as=payment_id(2)) == old
    assert (new.student, new.buyer, new.quote) == (first.student, first.buyer, first.quote)
    assert (new.state, new.expires_at) == (State.PENDING, NOON + HOUR + LIFETIME)
    assert Retry(of=first.id, first=first.id, number=1, begun_at=NOON) == new.retry


def test_the_retry_of_a_retry_counts_on() -> None:
    """
    The first attempt and its instant stay.
    """
    first = ended()
    _, second = first.retry_as(payment_id(2), quote=first.quote, at=NOON + HOUR, lifetime=LIFETIME)

    _, third = second.retry_as(
        payment_id(3), quote=first.quote, at=NOON + 2 * HOUR, lifetime=LIFETIME
    )

    assert Retry(of=second.id, first=first.id, number=2, begun_at=NOON) == third.retry
    assert third.retry_standing.begun_at == NOON
    assert third.retry_standing.retries == 2


def test_another_price_is_shown_before_it_is_paid() -> None:
    """
    Neither more nor less is taken than the student agreed to.
    """
    dearer = quote_course(a_course(rupees=2360), ASHAS_BILL, SELLER, None)

    with pytest.raises(PriceChanged) as refused:
        ended().retry_as(payment_id(2), quote=dearer, at=NOON, lifetime=LIFETIME)

    assert (refused.value.before, refused.value.now) == (Money(1180_00), Money(2360_00))


def test_another_make_up_of_the_price_is_shown_before_it_is_paid() -> None:
    """
    The sum is the same, but the taxes in it go to another State.
    """
    elsewhere = replace(ASHAS_BILL, state=indian_state("29"))
    otherwise = quote_course(a_course(), elsewhere, SELLER, None)

    with pytest.raises(PriceChanged, match="as before"):
        ended().retry_as(payment_id(2), quote=otherwise, at=NOON, lifetime=LIFETIME)


def test_a_retry_without_a_page_does_not_count() -> None:
    """
    The gateway was away: the student has as many tries as before, from either payment.
    """
    first = ended()
    old, new = first.retry_as(payment_id(2), quote=first.quote, at=NOON, lifetime=LIFETIME)

    given_up = fail_without_session(new, FailureReason.GATEWAY_UNREACHABLE, NOON).payment

    assert given_up.may_be_replaced
    assert not replace(given_up, retried_as=payment_id(3)).may_be_replaced
    assert given_up.retry_standing.retries == 0
    assert given_up.retry is not None
    for payment in (old, given_up):
        _, other = payment.retry_as(payment_id(4), quote=first.quote, at=NOON, lifetime=LIFETIME)
        assert other.retry is not None
        assert other.retry.number == given_up.retry.number


def test_only_a_retry_may_be_replaced() -> None:
    """
    A first attempt that never had a page is tried again like any other.
    """
    given_up = fail_without_session(a_payment(), FailureReason.GATEWAY_UNREACHABLE, NOON).payment

    assert not given_up.may_be_replaced
    assert given_up.retry_standing.until == NOON + RETRY_WITHIN


def test_a_discount_is_reserved_again() -> None:
    """
    The slot of the first attempt was given back when it failed.
    """
    first = replace(ended(), quote=a_payment(discount=a_code()).quote)

    _, new = first.retry_as(payment_id(2), quote=first.quote, at=NOON, lifetime=LIFETIME)

    assert new.reservation == "reserved"
