"""The one door: whatever the bank answers, state and effects move together, once, and forward."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Outcome
from domain.catalogue.discount import DiscountUses
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.adjustment import Adjustment
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import (
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    ReviewReason,
    Verdict,
)
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from fakes.samples import BY_STATUS, LAPSE, RAVI, a_code, only_reason, payment_id
from worlds.memory import MemoryWorld


def answer(payment: Payment, verdict: Verdict) -> OrderFacts:
    return OrderFacts(
        payment=payment.id,
        verdict=verdict,
        amount=payment.quote.payable,
        currency="INR",
        word="A_WORD",
        failure=FailureReason.DECLINED_BY_BANK if verdict is Verdict.DECLINED else None,
        review_reason=ReviewReason.VOIDED if verdict is Verdict.UNCLEAR else None,
    )


async def in_state(world: MemoryWorld, state: State) -> Payment:
    """Return a payment with a reserved code that got to *state* by the bank's own answers."""
    world.add_code(a_code(total_limit=1))
    payment = await world.begin_payment(code="TEN")
    steps = {
        State.PENDING: None,
        State.PROCESSING: Verdict.IN_PROGRESS,
        State.SUCCESS: Verdict.CHARGED,
        State.FAILED: Verdict.DECLINED,
        State.EXPIRED: Verdict.NOT_ATTEMPTED,
        State.PARTIALLY_REFUNDED: Verdict.CHARGED,
        State.REFUNDED: Verdict.CHARGED,
    }
    back = {
        State.PARTIALLY_REFUNDED: Money(1),
        State.REFUNDED: payment.quote.payable,
    }
    if state is State.EXPIRED:
        world.clock.move(LAPSE)
    if (verdict := steps[state]) is not None:
        await world.apply(answer(payment, verdict), BY_STATUS)
    if state in back:
        refund = RefundFacts(id=RefundId("AR1"), amount=back[state], verdict=RefundVerdict.PAID)
        told = replace(answer(payment, Verdict.CHARGED), refunds=(refund,))
        await world.apply(told, BY_STATUS)
    assert world.payment(payment.id).state is state
    return world.payment(payment.id)


@pytest.mark.parametrize(("state", "verdict"), list(product(State, Verdict)))
async def test_every_answer_in_every_state_keeps_the_books(
    world: MemoryWorld, state: State, verdict: Verdict
) -> None:
    """
    After any answer: enrolled with an invoice due exactly when sold, slot held exactly while live or sold;
    a sale that was given back is a closed place and a credit note more.
    """
    payment = await in_state(world, state)
    store = world.memory.store

    settled = await world.apply(answer(payment, verdict), BY_STATUS)

    now = world.payment(payment.id)
    assert settled.state is now.state
    sold = now.state.is_sold
    assert sold is (state.is_sold or verdict is Verdict.CHARGED)
    assert [payment.id] * sold == list(store.enrolments)
    open_to = [payment.id] if sold and state is not State.REFUNDED else []
    assert open_to == [each for each, place in store.enrolments.items() if place.until is None]
    dead_letters = ["tax_document"] * sold
    dead_letters += ["credit_note"] * (state in {State.PARTIALLY_REFUNDED, State.REFUNDED})
    assert dead_letters == world.dead_letters
    held = int(sold or now.state.is_live)
    assert DiscountUses(total=held, by_student=held) == world.code_uses()


@pytest.mark.parametrize(("state", "verdict"), list(product(State, Verdict)))
async def test_a_copy_of_any_answer_changes_nothing(
    world: MemoryWorld, state: State, verdict: Verdict
) -> None:
    """
    Not the payment, not its version, not one line of the trail.
    """
    payment = await in_state(world, state)
    await world.apply(answer(payment, verdict), BY_STATUS)
    store = world.memory.store
    before = (dict(store.payments), len(store.audit), dict(store.outbox), dict(store.uses))

    await world.apply(answer(payment, verdict), BY_STATUS)

    assert before == (
        dict(store.payments),
        len(store.audit),
        dict(store.outbox),
        dict(store.uses),
    )


async def test_a_move_is_audited_with_what_the_bank_said(world: MemoryWorld) -> None:
    """
    From, to, by which evidence, and the bank's own word; no personal data.
    """
    payment = await in_state(world, State.PENDING)

    await world.apply(answer(payment, Verdict.DECLINED), BY_STATUS)

    (line,) = world.audited("payment.moved")
    assert (State.PENDING, State.FAILED, BY_STATUS, payment.id) == (
        line.from_state,
        line.to_state,
        line.origin,
        line.subject,
    )
    assert line.facts == {
        "event": "bank_declined",
        "bank_word": "A_WORD",
        "failure": "declined_by_bank",
        "discount_slot": "release",
    }


@pytest.mark.parametrize(
    ("wrong", "review_reason"),
    [
        ({"amount": Money(1)}, ReviewReason.AMOUNT_DIFFERS),
        ({"amount": None}, ReviewReason.AMOUNT_DIFFERS),
        ({"currency": "USD"}, ReviewReason.CURRENCY_DIFFERS),
    ],
)
@pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING, State.FAILED, State.EXPIRED])
async def test_another_amount_is_never_a_sale(
    world: MemoryWorld, state: State, wrong: dict[str, object], review_reason: ReviewReason
) -> None:
    """
    Nothing is opened or sent; a person has to look, and the trail says why.
    """
    payment = await in_state(world, state)
    charged = replace(answer(payment, Verdict.CHARGED), **wrong)  # type: ignore[arg-type]  # said by name

    await world.apply(charged, BY_STATUS)

    now = world.payment(payment.id)
    told = charged.amount is not None
    assert only_reason(now) is review_reason
    assert now.state is (State.FAILED if told and state.is_live else state)
    assert (now.capture is not None) is told
    assert not world.memory.store.enrolments
    assert not world.dead_letters
    moved = [each for each in world.memory.store.audit if "attention" in each.facts]
    assert moved[-1].facts["attention"] == review_reason


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
async def test_late_money_keeps_its_price_beyond_the_limit(
    world: MemoryWorld, state: State
) -> None:
    """
    The last slot was released and taken by another; the late payer's discount holds, audited.
    """
    payment = await in_state(world, state)
    ravis = await world.begin_payment(RAVI, code="TEN")
    await world.apply(answer(ravis, Verdict.CHARGED), BY_STATUS)

    await world.apply(answer(payment, Verdict.CHARGED), BY_STATUS)

    assert world.payment(payment.id).reservation is DiscountReservation.HONOURED_LATE
    assert world.payment(payment.id).state is State.SUCCESS
    assert DiscountUses(total=2, by_student=1) == world.code_uses()
    assert world.audited("payment.moved")[-1].facts["discount_slot"] == "honour_late"


async def test_a_second_success_is_recorded_flagged_and_not_enrolled(world: MemoryWorld) -> None:
    """
    Paid twice: the money is in the books, the course stays opened by the first, no second letter.
    """
    first = await in_state(world, State.FAILED)
    second = await world.begin_payment()
    await world.apply(answer(second, Verdict.CHARGED), BY_STATUS)

    settled = await world.apply(answer(first, Verdict.CHARGED), BY_STATUS)

    assert (settled.state, only_reason(settled)) == (State.SUCCESS, ReviewReason.PAID_TWICE)
    assert settled.capture is not None
    assert list(world.memory.store.enrolments) == [second.id]
    assert len(world.dead_letters) == 1
    assert world.audited("payment.moved")[-1].facts["attention"] == "paid_twice"


async def test_two_successes_at_once_enrol_once(world: MemoryWorld) -> None:
    """
    Both units decided that the course is free; the slower decides again and is flagged.
    """
    first = await in_state(world, State.FAILED)
    second = await world.begin_payment()

    await asyncio.gather(
        *(world.apply(answer(payment, Verdict.CHARGED), BY_STATUS) for payment in (first, second))
    )

    assert len(world.memory.store.enrolments) == 1
    assert sorted(str(only_reason(world.payment(payment.id))) for payment in (first, second)) == [
        "None",
        "paid_twice",
    ]


async def test_copies_at_once_settle_once(world: MemoryWorld) -> None:
    """
    A hundred tellings of one charge: one step, one place, one letter.
    """
    payment = await in_state(world, State.PENDING)

    await asyncio.gather(
        *(world.apply(answer(payment, Verdict.CHARGED), BY_STATUS) for _ in range(100))
    )

    assert len(world.audited("payment.moved")) == 1
    assert len(world.memory.store.enrolments) == len(world.memory.store.outbox) == 1


async def test_deciding_again_has_a_limit(world: MemoryWorld) -> None:
    """
    Seven times somebody was faster: the eighth try may still win, a ninth is never made.
    """
    payment = await in_state(world, State.PENDING)
    gateway_failure = world.memory.unit_of_work.gateway_failure
    gateway_failure.extend([ChangedMeanwhile("x")] * 7)
    await world.apply(answer(payment, Verdict.IN_PROGRESS), BY_STATUS)
    assert world.payment(payment.id).state is State.PROCESSING

    gateway_failure.extend([ChangedMeanwhile("x")] * 9)
    with pytest.raises(ChangedMeanwhile):
        await world.apply(answer(payment, Verdict.CHARGED), BY_STATUS)

    assert len(gateway_failure) == 1
    assert world.payment(payment.id).state is State.PROCESSING


async def test_an_order_that_is_not_ours_is_not_found(world: MemoryWorld) -> None:
    """
    No payment is made up from the bank's word.
    """
    with pytest.raises(NotFound):
        await world.apply(unclear(payment_id(9), ReviewReason.VOIDED), BY_STATUS)


async def test_a_failed_attempt_may_be_followed_by_a_paid_one(world: MemoryWorld) -> None:
    """
    The student tried again on the bank's page: the course opens after all.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    assert (await world.deliver_webhook(payment.id)).state is State.FAILED

    world.gateway.pay(payment.id)

    assert (await world.deliver_webhook(payment.id)).state is State.SUCCESS


async def test_the_audit_log_says_when_the_banks_clock_was_not_believed(world: MemoryWorld) -> None:
    """
    The sale and the refund made outside are dated by us, and their entries name the bank's instant.
    """
    payment = await world.begin_payment()
    told = world.clock.now() + timedelta(hours=26)
    refund = RefundFacts(
        id=RefundId("DB1"), amount=Money(100), verdict=RefundVerdict.PENDING, asked_at=told
    )

    await world.apply(
        replace(answer(payment, Verdict.CHARGED), charged_at=told, refunds=(refund,)), BY_STATUS
    )

    (moved,) = world.audited("payment.moved")
    (adopted,) = world.audited("refund.adopted")
    capture = world.payment(payment.id).capture
    assert capture is not None
    assert capture.at == world.clock.now()
    for entry in (moved, adopted):
        assert entry.facts["refused_bank_instant"] == str(told)


async def test_what_was_paid_beside_the_price_is_on_record(world: MemoryWorld) -> None:
    """
    In the audit entry of the sale; staff have to review it, since no setting says who bears it.
    """
    payment = await world.begin_payment()
    adjusted = Adjustment(effective=Money(1200_00), surcharge=Money(20_00))

    await world.apply(replace(answer(payment, Verdict.CHARGED), adjustment=adjusted), BY_STATUS)

    (moved,) = world.audited("payment.moved")
    assert (moved.facts["effective_amount"], moved.facts["surcharge"]) == ("1200.00", "20.00")
    assert "offer" not in moved.facts
    assert ReviewReason.EFFECTIVE_AMOUNT_DIFFERS in world.payment(payment.id).review


async def test_a_dispute_of_a_sale_is_on_record(world: MemoryWorld) -> None:
    """
    Once for each thing that the bank says of it, with its deadline in the audit log; the sale stands.
    """
    payment = await world.paid_payment()
    facts = DisputeFacts(id="cb-1", amount=Money(100), state=DisputeState.RECEIVED, reason="10.4")
    for state in (DisputeState.RECEIVED, DisputeState.RECEIVED, DisputeState.WON):
        told = replace(facts, state=state)
        await world.apply(replace(answer(payment, Verdict.CHARGED), disputes=(told,)), BY_STATUS)

    opened, won = world.audited("dispute.told")
    assert (opened.facts["state"], won.facts["state"]) == ("received", "won")
    deadline = world.clock.now() + timedelta(days=3)
    assert opened.facts["respond_by"] == deadline.isoformat()
    assert "bank_word" not in opened.facts
    assert world.payment(payment.id).state is State.SUCCESS
    assert not world.payment(payment.id).review
