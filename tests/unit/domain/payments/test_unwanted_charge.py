"""Money that opens nothing goes back by itself: all of it, once, and never what the bank gives back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.identifiers import is_refund_id, system_refund_of
from domain.money import ZERO, Money
from domain.payments.decision import Decision
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
from domain.payments.payment_state import State
from domain.payments.refund_decisions import record_refund_refusal
from domain.payments.refund_state import RefundState
from domain.payments.unwanted_charge import REFUND_REASON_FOR, unwanted_reason
from fakes.clock import NOON
from fakes.samples import a_code, a_payment, only_reason, payment_id, refund_id, under_review

PRICE = Money(1180_00)
LATER = NOON + timedelta(hours=1)
OTHER = payment_id(2)
UNSOLD = [State.FAILED, State.EXPIRED]
LIVE = [State.PENDING, State.PROCESSING]


def in_state(state: State, *, discounted: bool = False) -> Payment:
    payment = a_payment(discount=a_code() if discounted else None)
    closed = None if state.is_live else NOON
    slot = payment.reservation and (
        DiscountReservation.RESERVED if state.is_live else DiscountReservation.RELEASED
    )
    return replace(payment, state=state, closed_at=closed, reservation=slot)


def charged(payment: Payment, *refunds: RefundFacts) -> OrderFacts:
    return OrderFacts(
        payment=payment.id,
        verdict=Verdict.CHARGED,
        amount=payment.quote.payable,
        currency="INR",
        refunds=refunds,
    )


def paid_again(payment: Payment, *refunds: RefundFacts) -> Decision:
    return apply_order_facts(payment, charged(payment, *refunds), at=LATER, owned_by=OTHER)


@pytest.mark.parametrize("state", [*LIVE, *UNSOLD])
@pytest.mark.parametrize("on_sale", [True, False])
def test_a_course_is_not_bought_twice(state: State, *, on_sale: bool) -> None:
    """
    Whether the second payment was in time or not.
    """
    why = unwanted_reason(state, owned_by=OTHER, on_sale=on_sale)

    assert why is ReviewReason.PAID_TWICE


@pytest.mark.parametrize("state", LIVE)
def test_who_pays_in_time_gets_what_was_on_sale(state: State) -> None:
    """
    Also when it was taken off the list meanwhile.
    """
    assert unwanted_reason(state, owned_by=None, on_sale=False) is None


@pytest.mark.parametrize("state", UNSOLD)
def test_who_is_late_gets_what_still_is(state: State) -> None:
    """
    A course that is not on sale any more may not even take place.
    """
    assert unwanted_reason(state, owned_by=None, on_sale=True) is None
    assert unwanted_reason(state, owned_by=None, on_sale=False) is ReviewReason.COURSE_CLOSED


@pytest.mark.parametrize("state", [*LIVE, *UNSOLD])
def test_all_of_it_goes_back(state: State) -> None:
    """
    Recorded as sold, flagged, and refunded by the system under an id that is always the same.
    """
    decision = paid_again(in_state(state))

    payment = decision.payment
    assert (payment.state, payment.captured) == (State.SUCCESS, PRICE)
    assert (only_reason(payment), decision.flagged) == (ReviewReason.PAID_TWICE, True)
    assert not decision.enrols
    (refund,) = payment.refunds
    assert (refund.id, refund.amount, refund.state) == (
        system_refund_of(payment.id),
        PRICE,
        RefundState.REQUESTED,
    )
    assert (refund.asked_by, refund.reason) == (
        "system",
        REFUND_REASON_FOR[ReviewReason.PAID_TWICE],
    )
    assert not refund.outside
    assert payment.refundable == ZERO
    assert [(move.refund, move.moved_from) for move in decision.refund_moves] == [(refund, None)]


def test_its_id_is_one_of_ours_and_of_no_other_payment() -> None:
    """
    Twenty characters that the bank takes once.
    """
    mine, others = system_refund_of(payment_id(1)), system_refund_of(payment_id(2))

    assert is_refund_id(mine)
    assert mine != others


@pytest.mark.parametrize("state", UNSOLD)
def test_late_money_for_a_closed_course_goes_back(state: State) -> None:
    """
    With the reason that is its own.
    """
    payment = in_state(state)
    decision = apply_order_facts(payment, charged(payment), at=LATER, on_sale=False)

    assert only_reason(decision.payment) is ReviewReason.COURSE_CLOSED
    assert not decision.enrols
    (refund,) = decision.payment.refunds
    assert refund.reason == REFUND_REASON_FOR[ReviewReason.COURSE_CLOSED]


@pytest.mark.parametrize("state", [*LIVE, *UNSOLD])
def test_a_wanted_charge_enrols(state: State) -> None:
    """
    And nothing goes back.
    """
    payment = in_state(state)
    decision = apply_order_facts(payment, charged(payment), at=LATER, on_sale=state.is_unsold)

    assert decision.enrols
    assert not decision.payment.refunds


@pytest.mark.parametrize(
    ("state", "slot"), [(State.PENDING, SlotEffect.RELEASE), (State.EXPIRED, None)]
)
def test_an_unwanted_charge_takes_no_slot(state: State, slot: SlotEffect | None) -> None:
    """
    The discount goes to somebody who gets the course.
    """
    decision = paid_again(in_state(state, discounted=True))

    assert decision.payment.reservation is DiscountReservation.RELEASED
    assert decision.slot is slot


def test_the_same_answer_again_refunds_nothing_more() -> None:
    """
    Whatever news come after the first.
    """
    first = paid_again(in_state(State.FAILED))

    again = paid_again(first.payment)

    assert not again.is_news
    assert again.payment == first.payment


def test_what_the_bank_gives_back_itself_is_not_given_back_again() -> None:
    """
    Adopted instead; of a part, only the rest is asked back.
    """
    half = Money(PRICE.paise // 2)
    for told, ours in ((PRICE, []), (half, [PRICE - half])):
        automatic = RefundFacts(
            id=refund_id(9), amount=told, verdict=RefundVerdict.PENDING, automatic=True
        )
        decision = paid_again(in_state(State.EXPIRED), automatic)

        made = [each for each in decision.payment.refunds if not each.outside]
        assert [each.amount for each in made] == ours
        assert decision.payment.refundable == ZERO


def test_an_order_that_the_bank_refunded_is_no_sale_and_no_refund_of_ours() -> None:
    """
    AUTO_REFUNDED is over at the bank.
    """
    payment = in_state(State.EXPIRED)
    over = replace(
        charged(payment), verdict=Verdict.UNCLEAR, review_reason=ReviewReason.AUTO_REFUNDED
    )

    decision = apply_order_facts(payment, over, at=LATER, owned_by=OTHER)

    assert decision.payment.state is State.EXPIRED
    assert not decision.payment.refunds


@pytest.mark.parametrize("why", REFUND_REASON_FOR)
def test_a_full_refund_ends_the_review(why: ReviewReason) -> None:
    """
    The audit log keeps what happened; the flag is for what is still to be done.
    """
    decision = paid_again(in_state(State.FAILED))
    payment = under_review(decision.payment, why)
    back = RefundFacts(id=system_refund_of(payment.id), amount=PRICE, verdict=RefundVerdict.PAID)

    ended = apply_order_facts(payment, charged(payment, back), at=LATER)

    assert (ended.payment.state, only_reason(ended.payment)) == (State.REFUNDED, None)


def test_a_refusal_by_the_bank_needs_a_review() -> None:
    """
    A new one, under a new id, is for them to ask for.
    """
    payment = paid_again(in_state(State.FAILED)).payment

    refused = record_refund_refusal(payment, system_refund_of(payment.id), "no balance", at=LATER)

    assert refused.payment.review.reasons == {ReviewReason.PAID_TWICE, ReviewReason.REFUND_FAILED}
    assert refused.payment.refundable == PRICE
