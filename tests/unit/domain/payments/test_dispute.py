"""A dispute is on record with its deadline, goes forward only, and stands in the way of a refund that pays twice."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations, product
from typing import Final

import pytest

from domain.money import ZERO, Money
from domain.payments.dispute import (
    DEADLINE_MAX,
    RESPONSE_USUAL,
    UNNAMED,
    RefundDisputed,
    apply_dispute_facts,
)
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DISPUTE_STEPS, DisputeState
from domain.payments.order_decisions import apply_order_facts
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.refund import OVERDUE_AFTER, SYSTEM, RefundRequest, StaleAvailable
from domain.payments.refund_decisions import flag_overdue_refund
from domain.payments.refund_polling import DEFAULT_SCHEDULE, POLLED_FOR, polled_since
from domain.payments.refund_state import RefundState
from fakes.clock import NOON
from fakes.samples import a_payment, payment_id, refund_id

PRICE: Final = Money(1180_00)
DAY: Final = timedelta(days=1)
LATER: Final = NOON + 10 * DAY
RECEIVED, REVIEWED = DisputeState.RECEIVED, DisputeState.UNDER_REVIEW
WON, LOST, WITHDRAWN = DisputeState.WON, DisputeState.LOST, DisputeState.WITHDRAWN
OPEN: Final = [state for state in DisputeState if state.is_open]
ENDED: Final = [state for state in DisputeState if not state.is_open]
LIMIT: Final = Money(500_00)
A_WISH: Final = RefundRequest(id=refund_id(2), amount=PRICE, reason="cancelled", by="staff:mira")


def dispute(
    state: DisputeState | None = RECEIVED, *, name: str = "cb-1", amount: Money | None = PRICE
) -> DisputeFacts:
    return DisputeFacts(id=name, amount=amount, state=state, word="A_WORD", reason="10.4")


def answer(*disputes: DisputeFacts) -> OrderFacts:
    return OrderFacts(
        payment=payment_id(1),
        verdict=Verdict.CHARGED,
        amount=PRICE,
        currency="INR",
        disputes=disputes,
    )


def sold(*disputes: DisputeFacts) -> Payment:
    return apply_order_facts(a_payment(), answer(*disputes), at=LATER).payment


def asking(payment: Payment, rupees: int = 100, number: int = 1) -> Payment:
    wish = RefundRequest(
        id=refund_id(number), amount=Money(rupees * 100), reason="cancelled", by="staff:mira"
    )
    return payment.request_refund(wish, at=LATER, approval_threshold=LIMIT)


def test_the_table_goes_forward_only() -> None:
    """
    Every two states have one step between them, and a lost dispute has none.
    """
    order = list(DisputeState)

    for before, told in product(order, order):
        forward = order.index(told) > order.index(before)
        assert DISPUTE_STEPS.get((before, told)) == (told if forward else None)


def test_a_dispute_is_on_record() -> None:
    """
    With amount, reason and deadline; staff have to review the payment, which stays sold.
    """
    payment = sold(dispute())

    (known,) = payment.disputes
    assert (known.id, known.amount, known.reason) == ("cb-1", PRICE, "10.4")
    assert (known.opened_at, known.respond_by) == (LATER, LATER + RESPONSE_USUAL)
    assert ReviewReason.DISPUTED in payment.review
    assert payment.state.is_sold


@pytest.mark.parametrize(
    ("told", "begun"),
    [(NOON + DAY, NOON + DAY), (NOON - DAY, LATER), (LATER + DAY, LATER), (None, LATER)],
)
def test_it_began_when_it_can_have_begun(told: datetime | None, begun: datetime) -> None:
    """
    Not before the payment, and not tomorrow.
    """
    (known,) = sold(replace(dispute(), opened_at=told)).disputes

    assert known.opened_at == begun


@pytest.mark.parametrize(
    ("told", "deadline"),
    [
        (LATER + DAY, LATER + DAY),
        (LATER + DEADLINE_MAX, LATER + DEADLINE_MAX),
        (LATER + DEADLINE_MAX + DAY, LATER + RESPONSE_USUAL),
        (LATER - DAY, LATER + RESPONSE_USUAL),
        (None, LATER + RESPONSE_USUAL),
    ],
)
def test_a_deadline_that_cannot_be_true_is_ours(told: datetime | None, deadline: datetime) -> None:
    """
    The time to respond that is agreed counts from the opening.
    """
    (known,) = sold(replace(dispute(), respond_by=told)).disputes

    assert known.respond_by == deadline


@pytest.mark.parametrize("told", list(permutations([RECEIVED, REVIEWED, WON, LOST])))
def test_the_order_of_the_news_does_not_matter(told: tuple[DisputeState, ...]) -> None:
    """
    Nor does repetition: an older word changes nothing.
    """
    payment = sold()
    for state in (*told, *told):
        payment = apply_order_facts(payment, answer(dispute(state)), at=LATER).payment

    (known,) = payment.disputes
    assert (known.state, known.closed_at) == (LOST, LATER)
    assert payment.review.reasons == {ReviewReason.DISPUTE_LOST}


def test_the_same_answer_is_no_news() -> None:
    """
    Neither of an open dispute nor of one that has ended.
    """
    for state in DisputeState:
        payment = sold(dispute(state))
        assert not apply_order_facts(payment, answer(dispute(state)), at=LATER).is_news


@pytest.mark.parametrize("state", [*OPEN, None])
def test_nothing_is_refunded_while_a_dispute_is_open(state: DisputeState | None) -> None:
    """
    Whatever its amount, and also when the bank's word for it is unknown.
    """
    payment = sold(dispute(state, amount=Money(1_00)))

    with pytest.raises(RefundDisputed, match="cb-1"):
        asking(payment)


@pytest.mark.parametrize("state", [WON, WITHDRAWN])
def test_a_dispute_that_took_nothing_stands_in_no_way(state: DisputeState) -> None:
    """
    Its review has ended too.
    """
    payment = apply_order_facts(sold(dispute()), answer(dispute(state)), at=LATER).payment

    assert not payment.review
    assert asking(payment).refunds.in_flight == Money(100_00)


def test_what_was_lost_is_not_refunded_again() -> None:
    """
    What is left beside it may be.
    """
    payment = sold(dispute(LOST, amount=Money(1100_00)))

    with pytest.raises(RefundDisputed):
        asking(payment, 81)
    assert asking(payment, 80).refunds.in_flight == Money(80_00)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ((), 1080_00),
        ((dispute(amount=Money(200_00)),), 0),
        ((dispute(WON), dispute(WITHDRAWN, name="cb-2")), 1080_00),
        ((dispute(LOST, amount=Money(200_00)),), 880_00),
        ((dispute(LOST, amount=Money(200_00)), dispute(LOST, name="cb-2", amount=PRICE)), 0),
    ],
)
def test_what_is_refundable_is_what_no_dispute_takes(
    told: tuple[DisputeFacts, ...], left: int
) -> None:
    """
    Beside a refund of 100.00: all of the rest can be refunded when staff name it, and no paisa more.
    """
    payment = apply_order_facts(asking(sold()), answer(*told), at=LATER).payment

    assert payment.refundable == Money(left)
    if left:
        everything = replace(A_WISH, amount=payment.refundable, available=payment.refundable)
        then = payment.request_refund(everything, at=LATER, approval_threshold=LIMIT)
        assert then.refundable == ZERO


def test_a_view_from_before_the_loss_is_stale() -> None:
    """
    Whoever names what was left before it is told what is left now.
    """
    payment = sold(dispute(LOST, amount=Money(200_00)))
    wish = replace(A_WISH, amount=Money(100_00), available=PRICE)

    with pytest.raises(StaleAvailable) as refused:
        payment.request_refund(wish, at=LATER, approval_threshold=LIMIT)

    assert refused.value.left == Money(980_00)


@pytest.mark.parametrize(
    ("state", "then", "deadline", "stands"),
    [
        (RECEIVED, RECEIVED, LATER + 5 * DAY, LATER + 5 * DAY),
        (RECEIVED, RECEIVED, LATER + DAY, LATER + DAY),
        (RECEIVED, REVIEWED, LATER + 5 * DAY, LATER + 5 * DAY),
        (RECEIVED, None, LATER + 5 * DAY, LATER + 5 * DAY),
        (RECEIVED, REVIEWED, None, LATER + RESPONSE_USUAL),
        (RECEIVED, REVIEWED, LATER + 2 * DEADLINE_MAX, LATER + RESPONSE_USUAL),
        (REVIEWED, RECEIVED, LATER + 5 * DAY, LATER + RESPONSE_USUAL),
        (LOST, LOST, LATER + 5 * DAY, LATER + RESPONSE_USUAL),
    ],
)
def test_a_later_deadline_of_the_bank_counts(
    state: DisputeState, then: DisputeState | None, deadline: datetime | None, stands: datetime
) -> None:
    """
    The next stage has one of its own, and the first news may have named none. An older answer, one that
    cannot be true, and one of a dispute that has ended change nothing.
    """
    news = answer(replace(dispute(then), respond_by=deadline))

    (known,) = apply_order_facts(sold(dispute(state)), news, at=LATER + DAY).payment.disputes

    assert known.respond_by == stands


def test_staff_are_alerted_of_open_disputes_by_id() -> None:
    """
    One that ended meanwhile keeps what was noted, and news of the bank change nothing of it.
    """
    payment = sold(dispute(), dispute(name="cb-2"), dispute(WON, name="cb-3"))

    noted = payment.alerted_of(["cb-1", "cb-3"], LATER)
    moved = apply_order_facts(noted, answer(dispute(REVIEWED)), at=LATER + DAY).payment

    assert [each.alerted_at for each in noted.disputes] == [LATER, None, None]
    assert moved.disputes[0].alerted_at == LATER


def test_a_refund_that_waits_is_not_approved_into_a_dispute() -> None:
    """
    The dispute came between the request and its approval; once it is won the approval counts.
    """
    waiting = asking(sold(), 600)
    disputed = apply_order_facts(waiting, answer(dispute()), at=LATER).payment

    with pytest.raises(RefundDisputed):
        disputed.approve_refund(refund_id(1), by="staff:noor", at=LATER)
    won = apply_order_facts(disputed, answer(dispute(WON)), at=LATER).payment
    assert won.approve_refund(refund_id(1), by="staff:noor", at=LATER).refunds.in_flight


def test_a_requested_refund_is_withheld_until_the_dispute_ends() -> None:
    """
    A dispute that took nothing lets it go.
    """
    disputed = apply_order_facts(asking(sold()), answer(dispute()), at=LATER).payment
    refund = disputed.refunds.get(refund_id(1))
    won = apply_order_facts(disputed, answer(dispute(WON)), at=LATER).payment

    assert (held := disputed.withheld_for(refund)) is not None
    assert held.id == "cb-1"
    assert refund.state is RefundState.REQUESTED
    assert won.withheld_for(refund) is None


def test_a_requested_refund_fails_when_its_money_was_lost() -> None:
    """
    The latest first: an earlier one that fits into what is left is sent. Staff review the other.
    """
    one = asking(sold())
    two = asking(one, 200, 2)
    decision = apply_order_facts(two, answer(dispute(LOST, amount=Money(1000_00))), at=LATER)

    first, second = decision.payment.refunds
    assert (first.state, second.state) == (RefundState.REQUESTED, RefundState.FAILED)
    assert second.error == "the dispute cb-1 was lost: the payer has the money"
    assert (second.accepted_at, second.closed_at) == (None, LATER)
    assert [move.refund.id for move in decision.refund_moves] == [refund_id(2)]
    assert decision.payment.withheld_for(first) is None
    assert ReviewReason.REFUND_FAILED in decision.payment.review


def test_a_refund_that_the_bank_has_is_the_banks() -> None:
    """
    A lost dispute takes nothing from the record of it.
    """
    facts = RefundFacts(id=refund_id(1), amount=Money(100_00), verdict=RefundVerdict.PENDING)
    told = replace(answer(dispute(LOST)), refunds=(facts,))

    payment = apply_order_facts(asking(sold()), told, at=LATER).payment

    assert payment.refunds.get(refund_id(1)).state is RefundState.PENDING
    assert payment.withheld_for(payment.refunds.get(refund_id(1))) is None


@pytest.mark.parametrize("state", [*OPEN, None])
def test_a_refund_by_the_system_is_withheld_too(state: DisputeState | None) -> None:
    """
    Of a second charge, and of another amount than the price.
    """
    twice = apply_order_facts(
        a_payment(), answer(dispute(state)), at=LATER, owned_by=payment_id(2)
    ).payment
    other = replace(answer(dispute(state)), amount=Money(1000_00))
    otherwise = apply_order_facts(a_payment(), other, at=LATER).payment

    for payment in (twice, otherwise):
        (refund,) = payment.refunds
        assert refund.asked_by == SYSTEM
        assert payment.withheld_for(refund) is not None


@pytest.mark.parametrize(("lost", "left"), [(1000_00, [180_00]), (1180_00, []), (1500_00, [])])
def test_the_system_refunds_what_was_not_lost(lost: int, left: list[int]) -> None:
    """
    Of a charge that gives no enrolment, and was disputed before it was known here.
    """
    facts = answer(dispute(LOST, amount=Money(lost)))

    payment = apply_order_facts(a_payment(), facts, at=LATER, owned_by=payment_id(2)).payment

    assert [refund.amount.paise for refund in payment.refunds] == left
    assert all(payment.withheld_for(refund) is None for refund in payment.refunds)


def test_a_withheld_refund_is_polled_until_its_dispute_ends() -> None:
    """
    Daily and without an end; then as a new one. A dispute takes longer than the polling of a refund.
    """
    disputed = apply_order_facts(asking(sold()), answer(dispute()), at=LATER).payment
    late = LATER + 2 * POLLED_FOR
    won = apply_order_facts(disputed, answer(dispute(WON)), at=late).payment

    since = polled_since(disputed, refund_id(1), LATER, late)
    assert DEFAULT_SCHEDULE.next_poll_at(since, late) == late + DAY
    assert polled_since(won, refund_id(1), LATER, late + DAY) == late
    assert polled_since(sold(), refund_id(1), LATER, late) == LATER


def test_a_withheld_refund_is_not_overdue_at_the_bank() -> None:
    """
    The bank has not got it.
    """
    requested = asking(sold())
    disputed = apply_order_facts(requested, answer(dispute()), at=LATER).payment

    assert flag_overdue_refund(requested, refund_id(1), LATER + OVERDUE_AFTER).is_news
    assert not flag_overdue_refund(disputed, refund_id(1), LATER + OVERDUE_AFTER).is_news


def test_an_unknown_word_is_reviewed_until_it_is_known() -> None:
    """
    The dispute is open meanwhile.
    """
    unclear = sold(dispute(None))
    known = apply_order_facts(unclear, answer(dispute(REVIEWED)), at=LATER).payment

    assert unclear.disputes[0].unclear == "A_WORD"
    assert unclear.review.reasons == {ReviewReason.DISPUTED, ReviewReason.DISPUTE_UNCLEAR}
    assert known.review.reasons == {ReviewReason.DISPUTED}
    assert not known.disputes[0].unclear


def test_a_dispute_without_a_name_and_an_amount_counts_in_full() -> None:
    """
    It could take all that was captured.
    """
    facts = [dispute(LOST, name="", amount=None)]

    (known,) = apply_dispute_facts((), facts, captured=PRICE, since=NOON, at=LATER)

    assert (known.id, known.amount) == (UNNAMED, PRICE)


@pytest.mark.parametrize("state", DisputeState)
def test_it_is_open_or_ended(state: DisputeState) -> None:
    """
    What has ended has an instant of its end.
    """
    (known,) = sold(dispute(state)).disputes

    assert state in (OPEN if known.closed_at is None else ENDED)
