"""All refunds of a payment together: never more than was taken, and the bank's news one step at a time."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from domain.errors import NotFound
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.payments.order_facts import RefundFacts, RefundVerdict, ReviewReason
from domain.payments.refund import (
    REFUND_REQUESTS_MAX,
    Refund,
    RefundRequest,
    RefundTooLarge,
    RefundTooSmall,
    StaleAvailable,
    TooManyRefunds,
)
from domain.payments.refund_approval import SecondPersonNeeded
from domain.payments.refund_news import RefundMove, reconcile, refuse
from domain.payments.refund_state import RefundState
from domain.payments.refunds import NONE, Refunds
from fakes.clock import NOON

LATER = NOON + timedelta(hours=1)
CAPTURED = Money(100_00)
PLENTY = Money(10_00_000_00)
MINE = RefundId("RF1")
MAKER, CHECKER = "staff:mira", "staff:noor"


def request(
    paise: int = 60_00,
    refund: RefundId = MINE,
    *,
    by: str = MAKER,
    available: Money | None = None,
) -> RefundRequest:
    return RefundRequest(
        id=refund, amount=Money(paise), reason="cancelled", by=by, available=available
    )


def ask(
    refunds: Refunds = NONE,
    paise: int = 60_00,
    refund: RefundId = MINE,
    *,
    approval_threshold: Money = PLENTY,
    available: Money | None = None,
) -> Refunds:
    return refunds.request(
        request(paise, refund, available=available),
        left=refunds.refundable_from(CAPTURED),
        at=NOON,
        approval_threshold=approval_threshold,
    )


def in_state(state: RefundState, paise: int = 60_00, refund: RefundId = MINE) -> Refunds:
    known = Refund(
        id=refund, amount=Money(paise), state=state, asked_by=MAKER, asked_at=NOON, reason="why"
    )
    return Refunds((known,))


def refund_facts(
    verdict: RefundVerdict,
    paise: int | None = 60_00,
    refund: RefundId = MINE,
    *,
    automatic: bool = False,
    arn: str = "",
) -> RefundFacts:
    amount = None if paise is None else Money(paise)
    return RefundFacts(
        id=refund, amount=amount, verdict=verdict, automatic=automatic, arn=arn, error="E1"
    )


@pytest.mark.parametrize("state", RefundState)
def test_what_is_left_counts_what_is_back_and_on_its_way(state: RefundState) -> None:
    """
    A failed, rejected or withdrawn one gives its amount back; any other holds it.
    """
    refunds = in_state(state)

    held = state.is_in_flight or state is RefundState.SUCCESS
    assert refunds.refundable_from(CAPTURED) == (Money(40_00) if held else CAPTURED)
    assert refunds.went_back == (Money(60_00) if state is RefundState.SUCCESS else ZERO)
    assert refunds.in_flight == (Money(60_00) if state.is_in_flight else ZERO)


def test_two_of_sixty_do_not_fit_into_a_hundred() -> None:
    """
    The first one is on its way; the refusal says what is left.
    """
    with pytest.raises(RefundTooLarge) as refused:
        ask(ask(), 60_00, RefundId("RF2"))
    assert (refused.value.asked, refused.value.left) == (Money(60_00), Money(40_00))


def test_the_rest_can_be_requested_to_the_paisa() -> None:
    """
    And then nothing is left.
    """
    both = ask(ask(), 40_00, RefundId("RF2"))

    assert both.refundable_from(CAPTURED) == ZERO
    assert [refund.id for refund in both] == ["RF1", "RF2"]


@pytest.mark.parametrize("paise", [99, 1, 0, -1])
def test_less_than_a_rupee_is_not_given_back(paise: int) -> None:
    """
    While a rupee or more is left.
    """
    with pytest.raises(RefundTooSmall) as refused:
        ask(paise=paise)
    assert refused.value.least == Money(100)


def test_the_remainder_may_be_less_than_a_rupee() -> None:
    """
    All of it and not a part of it.
    """
    most = ask(paise=99_50)

    with pytest.raises(RefundTooSmall) as refused:
        ask(most, 49, RefundId("RF2"))
    assert refused.value.least == Money(50)
    assert ask(most, 50, RefundId("RF2")).refundable_from(CAPTURED) == ZERO


@pytest.mark.parametrize("paise", [0, 1])
def test_when_nothing_is_left_nothing_can_be_requested(paise: int) -> None:
    """
    Not even nothing.
    """
    with pytest.raises((RefundTooLarge, RefundTooSmall)):
        ask(ask(paise=100_00), paise, RefundId("RF2"))


def test_a_request_by_an_old_amount_is_refused() -> None:
    """
    The error holds the amount in the request and the amount that is left.
    """
    assert ask(available=CAPTURED)
    with pytest.raises(StaleAvailable) as refused:
        ask(ask(), 10_00, RefundId("RF2"), available=CAPTURED)
    assert (refused.value.believed, refused.value.left) == (CAPTURED, Money(40_00))


def test_the_bank_takes_twenty_five_requests() -> None:
    """
    Failed ones count, those that were never sent do not.
    """
    sent = tuple(
        replace(
            next(iter(in_state(RefundState.FAILED))), id=RefundId(f"RF{number}"), amount=Money(100)
        )
        for number in range(10, 10 + REFUND_REQUESTS_MAX)
    )
    rejected = in_state(RefundState.REJECTED, refund=RefundId("RF9"))

    assert ask(Refunds((*rejected, *sent[1:]))).requests_sent == REFUND_REQUESTS_MAX
    with pytest.raises(TooManyRefunds) as refused:
        ask(Refunds(sent))
    assert refused.value.at_most == REFUND_REQUESTS_MAX


def test_above_the_threshold_a_second_person_has_to_approve() -> None:
    """
    At the limit one is enough.
    """
    at, above = ask(approval_threshold=Money(60_00)), ask(approval_threshold=Money(59_99))

    assert [refund.state for refund in (*at, *above)] == [
        RefundState.REQUESTED,
        RefundState.AWAITING_APPROVAL,
    ]


def test_splitting_a_refund_does_not_avoid_approval() -> None:
    """
    All that single words send back counts together; what two people agreed on and what failed do not.
    """
    limit = Money(60_00)
    first = ask(paise=30_00, approval_threshold=limit)
    second = ask(first, 30_01, RefundId("RF2"), approval_threshold=limit)
    assert second.get(RefundId("RF2")).state is RefundState.AWAITING_APPROVAL

    approved = second.approve(RefundId("RF2"), by=CHECKER, at=LATER)
    third = ask(approved, 30_00, RefundId("RF3"), approval_threshold=limit)
    assert third.get(RefundId("RF3")).state is RefundState.REQUESTED

    failed = ask(in_state(RefundState.FAILED), 60_00, RefundId("RF2"), approval_threshold=limit)
    assert failed.get(RefundId("RF2")).state is RefundState.REQUESTED


def test_the_maker_is_never_the_checker() -> None:
    """
    Whoever else may approve.
    """
    waiting = ask(approval_threshold=ZERO)

    with pytest.raises(SecondPersonNeeded) as refused:
        waiting.approve(MINE, by=MAKER, at=LATER)
    assert refused.value.refund == MINE
    assert waiting.approve(MINE, by=CHECKER, at=LATER).get(MINE).state is RefundState.REQUESTED


def test_a_no_is_a_rejection_or_the_makers_own_withdrawal() -> None:
    """
    Both free the amount.
    """
    waiting = ask(approval_threshold=ZERO)

    rejected = waiting.reject(MINE, by=CHECKER, at=LATER)
    withdrawn = waiting.reject(MINE, by=MAKER, at=LATER)

    assert (
        rejected.get(MINE).state,
        withdrawn.get(MINE).state,
    ) == (RefundState.REJECTED, RefundState.WITHDRAWN)
    assert rejected.refundable_from(CAPTURED) == withdrawn.refundable_from(CAPTURED) == CAPTURED


def test_an_unknown_refund_is_not_found() -> None:
    """
    By whatever name.
    """
    with pytest.raises(NotFound):
        NONE.approve(MINE, by=CHECKER, at=LATER)


def test_a_proven_refusal_frees_the_amount() -> None:
    """
    And a person has to see it; one the bank turned out to have is left alone.
    """
    news = refuse(ask(), MINE, "E9", at=LATER)

    refund = news.refunds.get(MINE)
    assert (
        refund.state,
        refund.error,
        news.review_reasons,
    ) == (RefundState.FAILED, "E9", frozenset({ReviewReason.REFUND_FAILED}))
    assert news.moves == (RefundMove(refund, RefundState.REQUESTED),)
    pending = in_state(RefundState.PENDING)
    assert refuse(pending, MINE, "E9", at=LATER).moves == ()


STEPS = {
    (RefundState.REQUESTED, RefundVerdict.PENDING): RefundState.PENDING,
    (RefundState.REQUESTED, RefundVerdict.PAID): RefundState.SUCCESS,
    (RefundState.REQUESTED, RefundVerdict.FAILED): RefundState.FAILED,
    (RefundState.REQUESTED, RefundVerdict.IN_REVIEW): RefundState.MANUAL_REVIEW,
    (RefundState.PENDING, RefundVerdict.PAID): RefundState.SUCCESS,
    (RefundState.PENDING, RefundVerdict.FAILED): RefundState.FAILED,
    (RefundState.PENDING, RefundVerdict.IN_REVIEW): RefundState.MANUAL_REVIEW,
    (RefundState.MANUAL_REVIEW, RefundVerdict.PAID): RefundState.SUCCESS,
    (RefundState.MANUAL_REVIEW, RefundVerdict.FAILED): RefundState.FAILED,
    (RefundState.FAILED, RefundVerdict.PAID): RefundState.SUCCESS,
}
"""Written out by hand; whatever is not here moves nothing."""

REVIEW_REASONS = {
    (RefundState.SUCCESS, RefundVerdict.FAILED): ReviewReason.REFUND_UNCLEAR,
    **{
        (state, RefundVerdict.UNCLEAR): ReviewReason.REFUND_UNCLEAR
        for state in RefundState
        if state.was_sent
    },
    **{
        (state, verdict): ReviewReason.REFUND_DIFFERS
        for state in RefundState
        if not state.was_sent
        for verdict in RefundVerdict
    },
    **{pair: ReviewReason.REFUND_FAILED for pair, to in STEPS.items() if to is RefundState.FAILED},
    **{
        pair: ReviewReason.REFUND_IN_REVIEW
        for pair, to in STEPS.items()
        if to is RefundState.MANUAL_REVIEW
    },
}


@pytest.mark.parametrize(("state", "verdict"), list(product(RefundState, RefundVerdict)))
def test_every_word_of_the_bank_in_every_state(state: RefundState, verdict: RefundVerdict) -> None:
    """
    Each of the forty pairs moves as written down, needs a review, or changes nothing at all.
    """
    news = reconcile(in_state(state), [refund_facts(verdict)], captured=CAPTURED, at=LATER)

    expected = STEPS.get((state, verdict), state)
    assert news.refunds.get(MINE).state is expected
    assert [move.moved_from for move in news.moves] == [state] * ((state, verdict) in STEPS)
    reason = REVIEW_REASONS.get((state, verdict))
    assert news.review_reasons == ({reason} if reason else set())
    again = reconcile(news.refunds, [refund_facts(verdict)], captured=CAPTURED, at=LATER)
    assert again.moves == ()
    assert again.refunds == news.refunds


@pytest.mark.parametrize("verdict", RefundVerdict)
def test_another_amount_moves_nothing(verdict: RefundVerdict) -> None:
    """
    By a paisa, or unreadable: staff have to review it, and the refund stays in flight.
    """
    for paise, review_reason in (
        (59_99, ReviewReason.REFUND_DIFFERS),
        (None, ReviewReason.REFUND_UNCLEAR),
    ):
        news = reconcile(ask(), [refund_facts(verdict, paise)], captured=CAPTURED, at=LATER)

        assert (news.refunds.known, news.moves, news.review_reasons) == (
            ask().known,
            (),
            frozenset({review_reason}),
        )


def test_an_entry_without_an_id_needs_a_review() -> None:
    """
    It is neither adopted nor overlooked.
    """
    nameless = refund_facts(RefundVerdict.PAID, refund=RefundId(""))

    news = reconcile(NONE, [nameless], captured=CAPTURED, at=LATER)

    assert (news.refunds.known, news.review_reasons) == (
        (),
        frozenset({ReviewReason.REFUND_UNCLEAR}),
    )


@pytest.mark.parametrize(
    ("verdict", "automatic", "review_reason"),
    [
        (RefundVerdict.PENDING, False, ReviewReason.REFUND_OUTSIDE),
        (RefundVerdict.PAID, False, ReviewReason.REFUND_OUTSIDE),
        (RefundVerdict.PAID, True, ReviewReason.AUTO_REFUNDED),
        (RefundVerdict.FAILED, False, ReviewReason.REFUND_FAILED),
        (RefundVerdict.IN_REVIEW, True, ReviewReason.REFUND_IN_REVIEW),
        (RefundVerdict.UNCLEAR, False, ReviewReason.REFUND_UNCLEAR),
    ],
)
def test_one_made_outside_is_taken_up(
    verdict: RefundVerdict, review_reason: ReviewReason, *, automatic: bool
) -> None:
    """
    It counts from now on, and is never taken up without a word.
    """
    seen = refund_facts(verdict, refund=RefundId("AR1"), automatic=automatic)

    news = reconcile(NONE, [seen], captured=CAPTURED, at=LATER)

    (move,) = news.moves
    assert (move.moved_from, move.refund.id, news.review_reasons) == (
        None,
        "AR1",
        frozenset({review_reason}),
    )
    failed = verdict is RefundVerdict.FAILED
    assert news.refunds.refundable_from(CAPTURED) == (CAPTURED if failed else Money(40_00))
    assert reconcile(news.refunds, [seen], captured=CAPTURED, at=LATER).moves == ()


def test_no_more_is_taken_up_than_was_taken() -> None:
    """
    The rest is for a person; a failed one needs no room.
    """
    outside = RefundId("AR1")
    paid = reconcile(
        ask(), [refund_facts(RefundVerdict.PAID, 40_01, outside)], captured=CAPTURED, at=LATER
    )
    failed = reconcile(
        ask(), [refund_facts(RefundVerdict.FAILED, 40_01, outside)], captured=CAPTURED, at=LATER
    )

    assert (paid.refunds.known, paid.review_reasons) == (
        ask().known,
        frozenset({ReviewReason.REFUNDS_EXCEED}),
    )
    assert failed.refunds.find(outside) is not None
    assert reconcile(
        ask(), [refund_facts(RefundVerdict.PAID, 40_00, outside)], captured=CAPTURED, at=LATER
    ).refunds.find(outside)


def test_a_failure_taken_back_counts_only_while_there_is_room() -> None:
    """
    The bank paid after all, but the amount was given back another way meanwhile.
    """
    failed = in_state(RefundState.FAILED)
    replaced = ask(failed, 60_00, RefundId("RF2"))

    news = reconcile(replaced, [refund_facts(RefundVerdict.PAID)], captured=CAPTURED, at=LATER)

    assert (news.refunds.known, news.review_reasons) == (
        replaced.known,
        frozenset({ReviewReason.REFUNDS_EXCEED}),
    )


def test_an_arn_may_come_later() -> None:
    """
    No step, but news: once.
    """
    paid = in_state(RefundState.SUCCESS)

    news = reconcile(
        paid, [refund_facts(RefundVerdict.PAID, arn="A1")], captured=CAPTURED, at=LATER
    )

    (move,) = news.moves
    assert (move.refund.arn, move.is_step, move.ends_it, move.went_back) == (
        "A1",
        False,
        False,
        False,
    )
    assert not news.review_reasons


def test_several_facts_are_applied_one_after_the_other() -> None:
    """
    The review reasons of all are kept, and what a failure frees counts for the next.
    """
    news = reconcile(
        ask(),
        [
            refund_facts(RefundVerdict.FAILED),
            refund_facts(RefundVerdict.PAID, 100_00, RefundId("AR1"), automatic=True),
            refund_facts(RefundVerdict.PAID, 100_00, RefundId("AR1"), automatic=True),
        ],
        captured=CAPTURED,
        at=LATER,
    )

    assert [move.refund.id for move in news.moves] == ["RF1", "AR1"]
    assert news.review_reasons == {ReviewReason.REFUND_FAILED, ReviewReason.AUTO_REFUNDED}
    assert news.refunds.refundable_from(CAPTURED) == ZERO
    assert news.refunds
    assert not NONE
