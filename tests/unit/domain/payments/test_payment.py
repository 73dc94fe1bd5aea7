"""A payment decides what the bank's answer means for it: forward only, and nothing by accident."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from domain.money import ZERO, Money
from domain.payments.decision import Decision, Step
from domain.payments.discount_reservation import DiscountReservation, SlotEffect
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import (
    apply_order_facts,
    complete_without_payment,
    fail_without_session,
)
from domain.payments.order_facts import OrderFacts, ReviewReason, Verdict
from domain.payments.payment import GatewayOrder, Payment
from domain.payments.payment_state import Event, IllegalStep, State
from domain.payments.review import NOT_REVIEWED
from fakes.clock import NOON
from fakes.samples import LAPSE, LIFETIME, a_code, a_payment, only_reason, payment_id

PAGE = GatewayOrder(id="ordeh_1", payment_url="https://bank.example.com/1")
OTHER = payment_id(2)
PRICE = a_payment().quote.payable
LATER = NOON + timedelta(minutes=5)
OVERDUE = NOON + LAPSE
MOMENT = timedelta(microseconds=1)

MOVES = {
    (State.PENDING, Verdict.IN_PROGRESS): State.PROCESSING,
    (State.PENDING, Verdict.CHARGED): State.SUCCESS,
    (State.PENDING, Verdict.DECLINED): State.FAILED,
    (State.PENDING, Verdict.NOT_ATTEMPTED): State.EXPIRED,
    (State.PENDING, Verdict.UNKNOWN_ORDER): State.EXPIRED,
    (State.PROCESSING, Verdict.CHARGED): State.SUCCESS,
    (State.PROCESSING, Verdict.DECLINED): State.FAILED,
    (State.FAILED, Verdict.CHARGED): State.SUCCESS,
    (State.EXPIRED, Verdict.CHARGED): State.SUCCESS,
}
"""Written out by hand, for a payment whose session is over; whatever is not here moves nothing."""


def facts(verdict: Verdict, **more: object) -> OrderFacts:
    said: dict[str, object] = {
        "payment": a_payment().id,
        "amount": a_payment().quote.payable,
        "currency": "INR",
    }
    if verdict is Verdict.DECLINED:
        said["failure"] = FailureReason.INSUFFICIENT_FUNDS
    if verdict is Verdict.UNCLEAR:
        said["review_reason"] = ReviewReason.UNKNOWN_STATUS
    return OrderFacts(verdict=verdict, **{**said, **more})  # type: ignore[arg-type]  # said by name


def in_state(state: State, **more: object) -> Payment:
    return replace(a_payment(), state=state, **more)  # type: ignore[arg-type]  # said by name


@pytest.mark.parametrize(("state", "verdict"), list(product(State, Verdict)))
def test_every_verdict_in_every_state(state: State, verdict: Verdict) -> None:
    """
    Each of the forty-two pairs moves as written down, flags, or changes nothing at all.
    """
    payment = in_state(state)

    decision = apply_order_facts(payment, facts(verdict), at=OVERDUE)

    expected = MOVES.get((state, verdict), state)
    assert decision.payment.state is expected
    moved = (state, verdict) in MOVES
    step = decision.sale
    assert (step and (step.from_state, step.to_state)) == ((state, expected) if moved else None)
    assert decision.flagged is (verdict is Verdict.UNCLEAR)
    assert decision.is_news is (moved or verdict is Verdict.UNCLEAR)
    assert decision.enrols is (expected is State.SUCCESS and state is not State.SUCCESS)
    if not decision.is_news:
        assert decision == Decision(payment=payment)


@pytest.mark.parametrize(("state", "verdict"), list(product(State, Verdict)))
def test_the_same_answer_twice_is_old_news(state: State, verdict: Verdict) -> None:
    """
    A copy of any answer changes nothing more.
    """
    once = apply_order_facts(in_state(state), facts(verdict), at=OVERDUE).payment

    assert not apply_order_facts(once, facts(verdict), at=OVERDUE).is_news


def test_a_sale_keeps_the_banks_proof() -> None:
    """
    Amount, the bank's ids and instant; an earlier failure and doubt are over.
    """
    payment = in_state(
        State.FAILED,
        failure=FailureReason.DECLINED_BY_BANK,
        review=NOT_REVIEWED.with_(ReviewReason.UNKNOWN_STATUS, at=NOON),
    )
    charged = facts(Verdict.CHARGED, bank_txn_id="t-1", bank_reference="0042", charged_at=LATER)

    sold = apply_order_facts(payment, charged, at=OVERDUE).payment

    assert sold.capture is not None
    assert (sold.captured, "t-1", "0042", LATER) == (
        payment.quote.payable,
        sold.capture.bank_txn_id,
        sold.capture.bank_reference,
        sold.capture.at,
    )
    assert (sold.failure, only_reason(sold), sold.closed_at) == (None, None, OVERDUE)


def test_a_charge_without_an_instant_is_dated_by_the_answer() -> None:
    """
    The bank does not always say when.
    """
    sold = apply_order_facts(a_payment(), facts(Verdict.CHARGED), at=LATER).payment

    assert sold.capture is not None
    assert sold.capture.at == LATER


@pytest.mark.parametrize(
    ("said", "review_reason"),
    [
        ({"amount": Money(117999)}, ReviewReason.AMOUNT_DIFFERS),
        ({"amount": Money(118001)}, ReviewReason.AMOUNT_DIFFERS),
        ({"amount": None}, ReviewReason.AMOUNT_DIFFERS),
        ({"currency": "USD"}, ReviewReason.CURRENCY_DIFFERS),
        ({"currency": ""}, ReviewReason.CURRENCY_DIFFERS),
        ({"currency": "USD", "amount": Money(1)}, ReviewReason.CURRENCY_DIFFERS),
    ],
)
@pytest.mark.parametrize("state", [state for state in State if not state.is_sold])
def test_another_amount_is_never_a_sale(
    state: State, said: dict[str, object], review_reason: ReviewReason
) -> None:
    """
    Not to the paisa in INR: flagged for a person. What is unreadable leaves the state as it is.
    """
    decision = apply_order_facts(in_state(state), facts(Verdict.CHARGED, **said), at=LATER)

    readable = said.get("amount", PRICE) is not None and said.get("currency") != ""
    assert decision.payment.state is (State.FAILED if readable and state.is_live else state)
    assert only_reason(decision.payment) is review_reason
    assert (decision.payment.capture is not None) is readable
    assert decision.flagged
    assert not decision.enrols


def test_a_sale_is_not_put_in_doubt_by_another_amount() -> None:
    """
    Old news, whatever it says.
    """
    assert not apply_order_facts(
        in_state(State.SUCCESS), facts(Verdict.CHARGED, amount=ZERO), at=NOON
    ).is_news


def test_unclear_without_a_reason_is_an_unknown_word() -> None:
    """
    Staff always see why.
    """
    flagged = apply_order_facts(
        a_payment(), facts(Verdict.UNCLEAR, review_reason=None), at=NOON
    ).payment

    assert only_reason(flagged) is ReviewReason.UNKNOWN_STATUS


def test_a_sale_can_be_flagged_and_stays_a_sale() -> None:
    """
    AUTO_REFUNDED after success: staff have to review it, the state stays.
    """
    sold = apply_order_facts(a_payment(), facts(Verdict.CHARGED), at=NOON).payment

    decision = apply_order_facts(
        sold, facts(Verdict.UNCLEAR, review_reason=ReviewReason.AUTO_REFUNDED), at=LATER
    )

    assert (
        decision.payment.state,
        only_reason(decision.payment),
    ) == (State.SUCCESS, ReviewReason.AUTO_REFUNDED)


def test_a_decline_keeps_its_reason() -> None:
    """
    In our words.
    """
    lost = apply_order_facts(a_payment(), facts(Verdict.DECLINED), at=LATER).payment

    assert (lost.failure, lost.closed_at) == (FailureReason.INSUFFICIENT_FUNDS, LATER)


def test_a_busy_bank_closes_nothing() -> None:
    """
    Processing has no end yet.
    """
    busy = apply_order_facts(a_payment(), facts(Verdict.IN_PROGRESS), at=LATER).payment

    assert (busy.closed_at, busy.failure) == (None, None)


@pytest.mark.parametrize("verdict", [Verdict.NOT_ATTEMPTED, Verdict.UNKNOWN_ORDER])
def test_a_session_lapses_at_its_end_and_not_before(verdict: Verdict) -> None:
    """
    Fifteen minutes and one of grace, to the instant; the reason says that nothing was taken.
    """
    assert not apply_order_facts(a_payment(), facts(verdict), at=OVERDUE - MOMENT).is_news

    lapsed = apply_order_facts(a_payment(), facts(verdict), at=OVERDUE).payment

    assert (lapsed.state, lapsed.failure) == (State.EXPIRED, FailureReason.SESSION_EXPIRED)


@pytest.mark.parametrize(
    ("lifetime", "lapse"),
    [
        (timedelta(seconds=10), timedelta(seconds=20)),
        (timedelta(minutes=1), timedelta(minutes=2)),
        (timedelta(minutes=15), timedelta(minutes=16)),
    ],
)
def test_the_grace_is_a_minute_and_never_longer_than_the_session(
    lifetime: timedelta, lapse: timedelta
) -> None:
    """
    The bank counts whole minutes; a session made short on purpose is not stretched out of shape.
    """
    opened = a_payment()
    payment = Payment.begin(
        opened.id,
        student=opened.student,
        buyer=opened.buyer,
        quote=opened.quote,
        at=NOON,
        lifetime=lifetime,
    )

    assert payment.lapses_at == NOON + lapse


@pytest.mark.parametrize("over", [ReviewReason.AUTO_REFUNDED, ReviewReason.VOIDED])
def test_an_order_that_is_over_at_the_bank_lapses_and_stays_marked(over: ReviewReason) -> None:
    """
    It cannot become a sale: after the session it holds no slot, and staff still have to review it.
    """
    said = facts(Verdict.UNCLEAR, review_reason=over)
    waiting = apply_order_facts(a_payment(discount=a_code()), said, at=OVERDUE - MOMENT)
    assert (waiting.payment.state, only_reason(waiting.payment)) == (State.PENDING, over)
    assert (waiting.sale, waiting.flagged) == (None, True)

    for before, news in ((a_payment(discount=a_code()), True), (waiting.payment, False)):
        lapsed = apply_order_facts(before, said, at=OVERDUE)

        assert (
            lapsed.payment.state,
            only_reason(lapsed.payment),
            lapsed.payment.failure,
            lapsed.payment.closed_at,
        ) == (State.EXPIRED, over, FailureReason.SESSION_EXPIRED, OVERDUE)
        assert (Step(State.PENDING, Event.SESSION_LAPSED), SlotEffect.RELEASE, news) == (
            lapsed.sale,
            lapsed.slot,
            lapsed.flagged,
        )


@pytest.mark.parametrize(
    "doubt",
    [
        each
        for each in ReviewReason
        if each not in {ReviewReason.AUTO_REFUNDED, ReviewReason.VOIDED}
    ],
)
def test_any_other_doubt_ends_nothing(doubt: ReviewReason) -> None:
    """
    Money may still be on its way, however late it is.
    """
    decision = apply_order_facts(
        a_payment(), facts(Verdict.UNCLEAR, review_reason=doubt), at=OVERDUE
    )

    assert (State.PENDING, doubt, None) == (
        decision.payment.state,
        only_reason(decision.payment),
        decision.sale,
    )


@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
def test_an_order_that_is_over_moves_nothing_but_what_waits(state: State) -> None:
    """
    What has ended stays as it ended, and an attempt under way ends by the bank's own answer.
    """
    said = facts(Verdict.UNCLEAR, review_reason=ReviewReason.AUTO_REFUNDED)

    decision = apply_order_facts(in_state(state), said, at=OVERDUE)

    assert (state, ReviewReason.AUTO_REFUNDED) == (
        decision.payment.state,
        only_reason(decision.payment),
    )


def test_a_second_success_is_recorded_but_enrols_nobody() -> None:
    """
    The course is owned through another payment: money in, marked for a person.
    """
    decision = apply_order_facts(a_payment(), facts(Verdict.CHARGED), at=NOON, owned_by=OTHER)

    assert decision.payment.state is State.SUCCESS
    assert only_reason(decision.payment) is ReviewReason.PAID_TWICE
    assert decision.payment.captured == a_payment().quote.payable
    assert decision.flagged
    assert not decision.enrols


def test_facts_of_another_order_are_a_fault_of_ours() -> None:
    """
    No answer is ever applied to a payment it does not name.
    """
    with pytest.raises(ValueError, match="offered to"):
        apply_order_facts(a_payment(), facts(Verdict.CHARGED, payment=OTHER), at=NOON)


@pytest.mark.parametrize(
    ("reservation", "verdict", "becomes", "effect"),
    [
        (DiscountReservation.RESERVED, Verdict.CHARGED, DiscountReservation.COMMITTED, None),
        (
            DiscountReservation.RESERVED,
            Verdict.DECLINED,
            DiscountReservation.RELEASED,
            SlotEffect.RELEASE,
        ),
        (
            DiscountReservation.RESERVED,
            Verdict.NOT_ATTEMPTED,
            DiscountReservation.RELEASED,
            SlotEffect.RELEASE,
        ),
        (DiscountReservation.RESERVED, Verdict.IN_PROGRESS, DiscountReservation.RESERVED, None),
        (
            DiscountReservation.RELEASED,
            Verdict.CHARGED,
            DiscountReservation.HONOURED_LATE,
            SlotEffect.HONOUR_LATE,
        ),
        (None, Verdict.CHARGED, None, None),
        (None, Verdict.DECLINED, None, None),
    ],
)
def test_the_discount_slot_goes_with_the_payment(
    reservation: DiscountReservation | None,
    verdict: Verdict,
    becomes: DiscountReservation | None,
    effect: SlotEffect | None,
) -> None:
    """
    Committed by money, released by its absence, honoured when the money was late.
    """
    state = State.EXPIRED if reservation is DiscountReservation.RELEASED else State.PENDING
    decision = apply_order_facts(
        in_state(state, reservation=reservation), facts(verdict), at=OVERDUE
    )

    assert (decision.payment.reservation, decision.slot) == (becomes, effect)


def test_a_new_payment_is_pending_with_its_slot_reserved() -> None:
    """
    Pending for its lifetime; no code, no slot.
    """
    opened = a_payment(discount=a_code())

    assert (
        opened.state,
        opened.reservation,
        opened.expires_at,
    ) == (State.PENDING, DiscountReservation.RESERVED, NOON + LIFETIME)
    assert opened.captured == ZERO
    assert opened.course == "algebra"
    assert a_payment().reservation is None


def test_the_first_page_stays() -> None:
    """
    A second answer to the same question does not send the student elsewhere.
    """
    known = a_payment().with_gateway_order(PAGE)

    assert known.gateway_order == PAGE
    assert known.with_gateway_order(replace(PAGE, id="other")) is known


def test_only_a_payment_without_a_session_fails_unpaid() -> None:
    """
    No page was handed out and the bank reported nothing.
    """
    assert a_payment().awaits_session
    assert not a_payment().with_gateway_order(PAGE).awaits_session
    assert not in_state(State.PROCESSING).awaits_session

    decision = fail_without_session(a_payment(), FailureReason.GATEWAY_REFUSED, LATER)

    assert (
        decision.payment.state,
        decision.payment.failure,
        decision.payment.closed_at,
        decision.sale,
    ) == (
        State.FAILED,
        FailureReason.GATEWAY_REFUSED,
        LATER,
        Step(State.PENDING, Event.SESSION_NOT_OPENED),
    )
    with pytest.raises(IllegalStep):
        fail_without_session(in_state(State.PROCESSING), FailureReason.GATEWAY_REFUSED, LATER)


def test_a_free_course_is_settled_without_a_bank() -> None:
    """
    Success with nothing captured, the slot committed.
    """
    free = a_payment(discount=a_code("FREE", percent=100))

    decision = complete_without_payment(free, LATER)

    assert decision.enrols
    assert (
        decision.payment.state,
        decision.payment.reservation,
        decision.payment.captured,
    ) == (State.SUCCESS, DiscountReservation.COMMITTED, ZERO)
