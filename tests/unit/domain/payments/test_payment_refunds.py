"""What giving money back makes of a payment: its state, its course, and what a person should look at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.decision import Decision, Step
from domain.payments.order_decisions import apply_order_facts, complete_without_payment
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State
from domain.payments.refund import OVERDUE_AFTER, NotRefundable, RefundRequest, RefundTooLarge
from domain.payments.refund_decisions import flag_overdue_refund, record_refund_refusal
from domain.payments.refund_state import RefundState
from fakes.clock import NOON
from fakes.samples import LAPSE, a_code, a_payment, only_reason, payment_id, under_review

PLENTY = Money(10_00_000_00)
LATER = NOON + timedelta(hours=1)
MINE, SECOND = RefundId("RF1"), RefundId("RF2")
PRICE = a_payment().quote.payable
HALF = Money(PRICE.paise // 2)


def answer(*refunds: RefundFacts, **more: object) -> OrderFacts:
    said: dict[str, object] = {
        "payment": payment_id(1),
        "verdict": Verdict.CHARGED,
        "amount": PRICE,
        "currency": "INR",
        "refunds": refunds,
    }
    return OrderFacts(**{**said, **more})  # type: ignore[arg-type]  # said by name


def refund_facts(
    verdict: RefundVerdict = RefundVerdict.PAID,
    amount: Money = PRICE,
    refund: RefundId = MINE,
    *,
    automatic: bool = False,
) -> RefundFacts:
    return RefundFacts(id=refund, amount=amount, verdict=verdict, automatic=automatic)


def sold() -> Payment:
    return apply_order_facts(a_payment(), answer(), at=NOON).payment


def asking(
    amount: Money = PRICE,
    refund: RefundId = MINE,
    *,
    of: Payment | None = None,
    revokes: bool = False,
    approval_threshold: Money = PLENTY,
) -> Payment:
    request = RefundRequest(
        id=refund, amount=amount, reason="cancelled", by="staff:mira", revokes=revokes
    )
    return (of or sold()).request_refund(request, at=NOON, approval_threshold=approval_threshold)


@pytest.mark.parametrize("state", [state for state in State if not state.is_sold])
def test_only_a_sale_can_be_given_back(state: State) -> None:
    """
    Whatever was captured.
    """
    payment = replace(sold(), state=state)

    assert payment.refundable == ZERO
    with pytest.raises(NotRefundable) as refused:
        asking(of=payment)
    assert (refused.value.payment, refused.value.state) == (payment.id, state)


def test_a_free_course_has_nothing_to_give_back() -> None:
    """
    It took nothing.
    """
    free = complete_without_payment(a_payment(discount=a_code("FREE", percent=100)), NOON).payment

    with pytest.raises(NotRefundable):
        asking(Money(100), of=free)


def test_asking_moves_no_money_and_no_state() -> None:
    """
    The amount is spoken for, nothing else.
    """
    payment = asking(HALF)

    assert (payment.state, payment.refundable) == (State.SUCCESS, HALF)
    assert payment.refunds.get(MINE).state is RefundState.REQUESTED
    with pytest.raises(RefundTooLarge):
        asking(PRICE, SECOND, of=payment)


def test_a_full_refund_closes_the_course_when_it_is_back() -> None:
    """
    Not while it is on its way.
    """
    pending = apply_order_facts(asking(), answer(refund_facts(RefundVerdict.PENDING)), at=LATER)
    assert (pending.payment.state, pending.leaves, pending.refund) == (
        State.SUCCESS,
        False,
        None,
    )

    back = apply_order_facts(pending.payment, answer(refund_facts()), at=LATER)

    assert (
        back.payment.state,
        back.refund,
        back.leaves,
        back.payment.refundable,
    ) == (State.REFUNDED, Step(State.SUCCESS, Event.ALL_WENT_BACK), True, ZERO)
    assert apply_order_facts(back.payment, answer(refund_facts()), at=LATER) == Decision(
        payment=back.payment
    )


@pytest.mark.parametrize("revokes", [True, False])
def test_a_partial_refund_closes_the_course_as_the_asker_chose(*, revokes: bool) -> None:
    """
    And is a state of its own.
    """
    back = apply_order_facts(
        asking(HALF, revokes=revokes), answer(refund_facts(amount=HALF)), at=LATER
    )

    assert (back.payment.state, back.leaves) == (State.PARTIALLY_REFUNDED, revokes)


def test_two_halves_are_all_of_it() -> None:
    """
    The second one closes the course; the state moves forward each time and once only.
    """
    first = apply_order_facts(asking(HALF), answer(refund_facts(amount=HALF)), at=LATER).payment
    both = asking(HALF, SECOND, of=first)

    back = apply_order_facts(
        both, answer(refund_facts(amount=HALF), refund_facts(amount=HALF, refund=SECOND)), at=LATER
    )

    assert (
        back.payment.state,
        back.refund,
        back.leaves,
    ) == (State.REFUNDED, Step(State.PARTIALLY_REFUNDED, Event.ALL_WENT_BACK), True)


def test_a_third_part_is_no_step_of_the_payment() -> None:
    """
    It stays partially refunded until all is back.
    """
    first = apply_order_facts(
        asking(Money(100)), answer(refund_facts(amount=Money(100))), at=LATER
    ).payment
    second = asking(Money(100), SECOND, of=first)

    back = apply_order_facts(
        second, answer(refund_facts(amount=Money(100), refund=SECOND)), at=LATER
    )

    assert (back.payment.state, back.refund, back.is_news) == (
        State.PARTIALLY_REFUNDED,
        None,
        True,
    )


def test_a_late_sale_that_is_fully_refunded_enrols_nobody() -> None:
    """
    Both steps in one answer: sold, then refunded; a place that would be closed is never opened.
    """
    decision = apply_order_facts(a_payment(), answer(refund_facts()), at=LATER)

    sale = Step(State.PENDING, Event.BANK_CHARGED)
    assert (decision.sale, sale.to_state) == (sale, State.SUCCESS)
    assert (decision.refund, decision.payment.state) == (
        Step(State.SUCCESS, Event.ALL_WENT_BACK),
        State.REFUNDED,
    )
    assert not decision.enrols
    assert not decision.leaves
    assert only_reason(decision.payment) is ReviewReason.REFUND_OUTSIDE


def test_a_late_sale_that_is_partly_refunded_enrols() -> None:
    """
    Nobody chose to close it.
    """
    decision = apply_order_facts(a_payment(), answer(refund_facts(amount=HALF)), at=LATER)

    assert decision.enrols
    assert not decision.leaves


def auto(*refunds: RefundFacts, **more: object) -> OrderFacts:
    said: dict[str, object] = {
        "verdict": Verdict.UNCLEAR,
        "review_reason": ReviewReason.AUTO_REFUNDED,
    }
    return answer(*refunds, **{**said, **more})


AR = RefundId("AR1")


def test_money_too_late_is_given_back_by_the_bank_itself() -> None:
    """
    No sale; but what was taken and what goes back is known, and followed to its end.
    """
    pending = refund_facts(RefundVerdict.PENDING, refund=AR, automatic=True)
    decision = apply_order_facts(a_payment(), auto(pending), at=NOON + LAPSE)

    late = decision.payment
    assert (late.state, late.captured, only_reason(late), decision.flagged) == (
        State.EXPIRED,
        PRICE,
        ReviewReason.AUTO_REFUNDED,
        True,
    )
    assert late.refunds.get(AR).state is RefundState.PENDING
    assert late.refundable == ZERO

    back = apply_order_facts(late, auto(refund_facts(refund=AR, automatic=True)), at=LATER)
    assert (back.payment.state, back.refund, back.leaves, back.flagged) == (
        State.EXPIRED,
        None,
        False,
        False,
    )
    assert back.payment.refunds.went_back == PRICE


@pytest.mark.parametrize("more", [{"amount": None}, {"currency": ""}])
def test_an_automatic_refund_of_an_unreadable_charge_needs_a_review(
    more: dict[str, object],
) -> None:
    """
    What was never taken in our books cannot go back in them.
    """
    decision = apply_order_facts(
        a_payment(), auto(refund_facts(refund=AR, automatic=True), **more), at=LATER
    )

    assert decision.payment.capture is None
    assert decision.payment.review.reasons == {
        ReviewReason.AUTO_REFUNDED,
        ReviewReason.REFUNDS_EXCEED,
    }
    assert not decision.payment.refunds


@pytest.mark.parametrize("more", [{"amount": Money(1)}, {"currency": "USD"}])
def test_an_automatic_refund_of_another_charge_is_recorded(more: dict[str, object]) -> None:
    """
    What the bank took and what it returns, as far as it took it.
    """
    told = auto(refund_facts(refund=AR, automatic=True, amount=Money(1)), **more)

    payment = apply_order_facts(a_payment(), told, at=NOON + LAPSE).payment

    assert payment.capture is not None
    assert (payment.capture.amount, payment.capture.currency) == (told.amount, told.currency)
    assert (payment.state, payment.refunds.went_back) == (State.EXPIRED, Money(1))


def test_the_bank_may_give_a_sale_back_by_itself() -> None:
    """
    The sale was made, then fully refunded: the enrolment ends, and staff have to review it.
    """
    back = apply_order_facts(sold(), auto(refund_facts(refund=AR, automatic=True)), at=LATER)

    assert (back.payment.state, back.leaves, only_reason(back.payment)) == (
        State.REFUNDED,
        True,
        ReviewReason.AUTO_REFUNDED,
    )


def test_the_same_review_reason_twice_is_no_news() -> None:
    """
    Neither when the answer holds two of them.
    """
    odd = auto(
        refund_facts(amount=Money(PRICE.paise + 1), refund=AR), review_reason=ReviewReason.VOIDED
    )
    flagged = apply_order_facts(sold(), odd, at=LATER)
    assert flagged.payment.review.reasons == {ReviewReason.VOIDED, ReviewReason.REFUNDS_EXCEED}
    assert flagged.raised == (ReviewReason.REFUNDS_EXCEED, ReviewReason.VOIDED)

    assert not apply_order_facts(flagged.payment, odd, at=LATER).is_news


def test_a_second_person_approves_or_rejects() -> None:
    """
    The payment keeps its state.
    """
    waiting = asking(approval_threshold=ZERO)
    assert waiting.refunds.get(MINE).state is RefundState.AWAITING_APPROVAL

    approved = waiting.approve_refund(MINE, by="staff:noor", at=LATER)
    rejected = waiting.reject_refund(MINE, by="staff:noor", at=LATER)

    assert approved.refunds.get(MINE).state is RefundState.REQUESTED
    assert rejected.refunds.get(MINE).state is RefundState.REJECTED
    assert rejected.refundable == PRICE


def test_a_proven_refusal_needs_a_review_until_a_new_request() -> None:
    """
    A new request ends the review.
    """
    refused = record_refund_refusal(asking(), MINE, "E9", at=LATER)
    assert (refused.flagged, only_reason(refused.payment)) == (True, ReviewReason.REFUND_FAILED)
    assert refused.payment.refunds.get(MINE).state is RefundState.FAILED

    again = asking(PRICE, SECOND, of=refused.payment)
    assert only_reason(again) is None
    assert not record_refund_refusal(again, MINE, "E9", at=LATER).is_news


def test_a_new_request_leaves_another_review_reason_alone() -> None:
    """
    Paid twice stays paid twice.
    """
    twice = under_review(sold(), ReviewReason.PAID_TWICE)

    assert only_reason(asking(of=twice)) is ReviewReason.PAID_TWICE


def test_after_ten_days_a_refund_needs_a_review() -> None:
    """
    Flagged once; a paid refund ends the review.
    """
    pending = apply_order_facts(
        asking(), answer(refund_facts(RefundVerdict.PENDING)), at=NOON
    ).payment
    due = NOON + OVERDUE_AFTER

    assert not flag_overdue_refund(pending, MINE, due - timedelta(seconds=1)).is_news
    reminded = flag_overdue_refund(pending, MINE, due)
    assert (reminded.flagged, only_reason(reminded.payment)) == (True, ReviewReason.REFUND_OVERDUE)
    assert not flag_overdue_refund(reminded.payment, MINE, due).is_news
    assert (
        only_reason(apply_order_facts(reminded.payment, answer(refund_facts()), at=due).payment)
        is None
    )


def test_a_review_of_refunds_ends_only_when_the_bank_reviews_none() -> None:
    """
    The other one is still in review.
    """
    two = asking(HALF, SECOND, of=asking(HALF))
    review = (
        refund_facts(RefundVerdict.IN_REVIEW, HALF),
        refund_facts(RefundVerdict.IN_REVIEW, HALF, SECOND),
    )
    waiting = apply_order_facts(two, answer(*review), at=LATER).payment
    assert only_reason(waiting) is ReviewReason.REFUND_IN_REVIEW

    one = apply_order_facts(waiting, answer(refund_facts(amount=HALF), review[1]), at=LATER).payment
    both = apply_order_facts(
        one, answer(refund_facts(amount=HALF), refund_facts(amount=HALF, refund=SECOND)), at=LATER
    )

    assert only_reason(one) is ReviewReason.REFUND_IN_REVIEW
    assert only_reason(both.payment) is None


def test_an_answer_without_refunds_says_nothing_about_them() -> None:
    """
    An older answer, or one in another shape.
    """
    assert not apply_order_facts(asking(), answer(), at=LATER).is_news
