"""What staff may do about each reason in each state stands in one table, and every reason has an end."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from domain.payments.capture import Capture
from domain.payments.discount_reservation import DiscountReservation, SlotEffect
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import Instrument, OrderFacts, ReviewReason, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.resolution import (
    LAWFUL,
    OWNERS,
    PERMISSION_FOR,
    NotUnderReview,
    Resolution,
    ResolutionUnlawful,
    accept_review,
    check_resolution,
    close_payment,
    lawful_resolutions,
)
from domain.payments.review import STANDING
from domain.staff.access import Role
from fakes.clock import NOON
from fakes.samples import a_code, a_payment, under_review

LATER = NOON + timedelta(hours=1)
BY_THE_BANK_ALONE = {ReviewReason.REFUND_IN_REVIEW, ReviewReason.REFUND_OVERDUE}


def in_state(state: State, *reasons: ReviewReason) -> Payment:
    payment = replace(a_payment(discount=a_code()), state=state)
    if state.is_sold:
        price = payment.quote.payable
        capture = Capture(
            amount=price, bank_txn_id="", bank_reference="", instrument=Instrument(), at=NOON
        )
        payment = replace(payment, capture=capture)
    return under_review(payment, *reasons)


@pytest.mark.parametrize("reason", ReviewReason)
def test_every_reason_has_an_owner_and_an_end(reason: ReviewReason) -> None:
    """
    An end that staff can bring about, or a refund that only the bank can end.
    """
    ends = {resolution for known, resolution in LAWFUL if known is reason}

    assert OWNERS[reason] in {Role.SUPPORT, Role.FINANCE}
    assert Resolution.READ_AGAIN in ends
    assert (len(ends) > 1) is (reason not in BY_THE_BANK_ALONE)


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("reason", "resolution", "state"), list(product(ReviewReason, Resolution, State))
)
def test_the_table_is_the_whole_truth(
    reason: ReviewReason, resolution: Resolution, state: State
) -> None:
    """
    Each triple is lawful as it is written down, and refused otherwise with what is lawful.
    """
    payment = in_state(state, reason)
    lawful = state in LAWFUL.get((reason, resolution), ())
    if resolution is Resolution.GIVE_BACK:
        lawful = lawful and state.is_sold

    if lawful:
        check_resolution(payment, reason, resolution)
        return
    with pytest.raises(ResolutionUnlawful) as refused:
        check_resolution(payment, reason, resolution)
    assert (refused.value.state, refused.value.resolution) == (state, resolution)
    assert refused.value.lawful == lawful_resolutions(payment, reason)


@pytest.mark.parametrize("resolution", Resolution)
def test_a_reason_that_is_not_open_is_not_resolved(resolution: Resolution) -> None:
    """
    Another one may be; and each action needs a permission of its own.
    """
    payment = in_state(State.FAILED, ReviewReason.VOIDED)

    with pytest.raises(NotUnderReview) as refused:
        check_resolution(payment, ReviewReason.PAID_TWICE, resolution)
    assert (refused.value.payment, refused.value.reason) == (payment.id, ReviewReason.PAID_TWICE)
    assert resolution in PERMISSION_FOR


@pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING])
def test_staff_end_a_session_that_the_bank_leaves_open(state: State) -> None:
    """
    Its slot is free, its reason does not come again by the same answer, and a charge still counts.
    """
    unclear = ReviewReason.AUTHORISED_ONLY
    payment = in_state(state, unclear, ReviewReason.UNRESOLVED, ReviewReason.REFUND_OUTSIDE)

    decision = close_payment(payment, unclear, LATER)

    closed = decision.payment
    assert (closed.state, closed.closed_at, closed.failure) == (State.FAILED, LATER, None)
    assert (closed.reservation, decision.slot) == (DiscountReservation.RELEASED, SlotEffect.RELEASE)
    assert closed.review.reasons == {ReviewReason.REFUND_OUTSIDE}
    assert decision.cleared == (unclear, ReviewReason.UNRESOLVED)
    assert not decision.failed_after_attempt
    told = OrderFacts(payment=payment.id, verdict=Verdict.UNCLEAR, review_reason=unclear)
    assert not apply_order_facts(closed, told, at=LATER).is_news
    late = OrderFacts(
        payment=payment.id,
        verdict=Verdict.CHARGED,
        amount=payment.quote.payable,
        currency="INR",
    )
    assert apply_order_facts(closed, late, at=LATER).payment.state is State.SUCCESS


@pytest.mark.parametrize(
    "reason", sorted({reason for reason, resolution in LAWFUL if resolution is Resolution.ACCEPT})
)
def test_what_is_accepted_is_over(reason: ReviewReason) -> None:
    """
    The payment stays as it is; what every answer says again is remembered.
    """
    state = next(iter(sorted(LAWFUL[reason, Resolution.ACCEPT])))
    payment = in_state(state, reason, ReviewReason.REFUND_IN_REVIEW)

    decision = accept_review(payment, reason)

    assert decision.payment.review.reasons == {ReviewReason.REFUND_IN_REVIEW}
    assert decision.cleared == (reason,)
    assert decision.payment.review.accepted == {reason} & STANDING
    assert replace(decision.payment, review=payment.review) == payment
    with pytest.raises(NotUnderReview):
        accept_review(decision.payment, reason)
