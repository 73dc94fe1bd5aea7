"""The one door: whatever the bank answers, state and effects move together, once, and forward."""

import asyncio
from dataclasses import replace
from itertools import product

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Outcome
from domain.catalogue.discount import DiscountUses
from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.discount_reservation import Redemption
from domain.payments.failure_reason import Failure
from domain.payments.order_facts import Attention, OrderFacts, RefundFacts, RefundVerdict, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from fakes.samples import BY_STATUS, LAPSE, RAVI, a_code, payment_id
from worlds.memory import Academy


def answer(payment: Payment, verdict: Verdict) -> OrderFacts:
    return OrderFacts(
        payment=payment.id,
        verdict=verdict,
        amount=payment.quote.payable,
        currency="INR",
        word="A_WORD",
        failure=Failure.DECLINED_BY_BANK if verdict is Verdict.DECLINED else None,
        attention=Attention.VOIDED if verdict is Verdict.UNCLEAR else None,
    )


async def in_state(academy: Academy, state: State) -> Payment:
    """Return a payment with a reserved code that got to *state* by the bank's own answers."""
    academy.offers(a_code(total_limit=1))
    payment = await academy.opens(code="TEN")
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
        academy.clock.move(LAPSE)
    if (verdict := steps[state]) is not None:
        await academy.settle(answer(payment, verdict), BY_STATUS)
    if state in back:
        refund = RefundFacts(id=RefundId("AR1"), amount=back[state], verdict=RefundVerdict.PAID)
        told = replace(answer(payment, Verdict.CHARGED), refunds=(refund,))
        await academy.settle(told, BY_STATUS)
    assert academy.payment(payment.id).state is state
    return academy.payment(payment.id)


@pytest.mark.parametrize(("state", "verdict"), list(product(State, Verdict)))
async def test_every_answer_in_every_state_keeps_the_books(
    academy: Academy, state: State, verdict: Verdict
) -> None:
    """
    After any answer: enrolled with an invoice due exactly when sold, slot held exactly while live or sold;
    a sale that was given back is a closed place and a credit note more.
    """
    payment = await in_state(academy, state)
    store = academy.memory.store

    settled = await academy.settle(answer(payment, verdict), BY_STATUS)

    now = academy.payment(payment.id)
    assert settled.state is now.state
    sold = now.state.is_sold
    assert sold is (state.is_sold or verdict is Verdict.CHARGED)
    assert [payment.id] * sold == list(store.enrolments)
    open_to = [payment.id] if sold and state is not State.REFUNDED else []
    assert open_to == [each for each, place in store.enrolments.items() if place.until is None]
    errands = ["tax_document"] * sold
    errands += ["credit_note"] * (state in {State.PARTIALLY_REFUNDED, State.REFUNDED})
    assert errands == academy.errands
    held = int(sold or now.state.is_live)
    assert DiscountUses(total=held, by_student=held) == academy.uses()


@pytest.mark.parametrize(("state", "verdict"), list(product(State, Verdict)))
async def test_a_copy_of_any_answer_changes_nothing(
    academy: Academy, state: State, verdict: Verdict
) -> None:
    """
    Not the payment, not its version, not one line of the trail.
    """
    payment = await in_state(academy, state)
    await academy.settle(answer(payment, verdict), BY_STATUS)
    store = academy.memory.store
    before = (dict(store.payments), len(store.audit), dict(store.outbox), dict(store.uses))

    await academy.settle(answer(payment, verdict), BY_STATUS)

    assert before == (
        dict(store.payments),
        len(store.audit),
        dict(store.outbox),
        dict(store.uses),
    )


async def test_a_move_is_audited_with_what_the_bank_said(academy: Academy) -> None:
    """
    From, to, by which evidence, and the bank's own word; no personal data.
    """
    payment = await in_state(academy, State.PENDING)

    await academy.settle(answer(payment, Verdict.DECLINED), BY_STATUS)

    (line,) = academy.audited("payment.moved")
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
    ("wrong", "attention"),
    [
        ({"amount": Money(1)}, Attention.AMOUNT_DIFFERS),
        ({"amount": None}, Attention.AMOUNT_DIFFERS),
        ({"currency": "USD"}, Attention.CURRENCY_DIFFERS),
    ],
)
@pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING, State.FAILED, State.EXPIRED])
async def test_another_amount_is_never_a_sale(
    academy: Academy, state: State, wrong: dict[str, object], attention: Attention
) -> None:
    """
    Nothing is opened or sent; a person has to look, and the trail says why.
    """
    payment = await in_state(academy, state)
    charged = replace(answer(payment, Verdict.CHARGED), **wrong)  # type: ignore[arg-type]  # said by name

    await academy.settle(charged, BY_STATUS)

    now = academy.payment(payment.id)
    assert (now.state, now.attention, now.capture) == (state, attention, None)
    assert not academy.memory.store.enrolments
    assert not academy.errands
    (line,) = academy.audited("payment.flagged")
    assert (line.to_state, line.facts["attention"]) == (None, attention)


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
async def test_late_money_keeps_its_price_beyond_the_limit(academy: Academy, state: State) -> None:
    """
    The last slot was released and taken by another; the late payer's discount holds, audited.
    """
    payment = await in_state(academy, state)
    ravis = await academy.opens(RAVI, code="TEN")
    await academy.settle(answer(ravis, Verdict.CHARGED), BY_STATUS)

    await academy.settle(answer(payment, Verdict.CHARGED), BY_STATUS)

    assert academy.payment(payment.id).redemption is Redemption.HONOURED_LATE
    assert academy.payment(payment.id).state is State.SUCCESS
    assert DiscountUses(total=2, by_student=1) == academy.uses()
    assert academy.audited("payment.moved")[-1].facts["discount_slot"] == "honour_late"


async def test_a_second_success_is_recorded_flagged_and_not_enrolled(academy: Academy) -> None:
    """
    Paid twice: the money is in the books, the course stays opened by the first, no second letter.
    """
    first = await in_state(academy, State.FAILED)
    second = await academy.opens()
    await academy.settle(answer(second, Verdict.CHARGED), BY_STATUS)

    settled = await academy.settle(answer(first, Verdict.CHARGED), BY_STATUS)

    assert (settled.state, settled.attention) == (State.SUCCESS, Attention.PAID_TWICE)
    assert settled.capture is not None
    assert list(academy.memory.store.enrolments) == [second.id]
    assert len(academy.errands) == 1
    assert academy.audited("payment.moved")[-1].facts["attention"] == "paid_twice"


async def test_two_successes_at_once_enrol_once(academy: Academy) -> None:
    """
    Both units decided that the course is free; the slower decides again and is flagged.
    """
    first = await in_state(academy, State.FAILED)
    second = await academy.opens()

    await asyncio.gather(
        *(
            academy.settle(answer(payment, Verdict.CHARGED), BY_STATUS)
            for payment in (first, second)
        )
    )

    assert len(academy.memory.store.enrolments) == 1
    assert sorted(str(academy.payment(payment.id).attention) for payment in (first, second)) == [
        "None",
        "paid_twice",
    ]


async def test_copies_at_once_settle_once(academy: Academy) -> None:
    """
    A hundred tellings of one charge: one step, one place, one letter.
    """
    payment = await in_state(academy, State.PENDING)

    await asyncio.gather(
        *(academy.settle(answer(payment, Verdict.CHARGED), BY_STATUS) for _ in range(100))
    )

    assert len(academy.audited("payment.moved")) == 1
    assert len(academy.memory.store.enrolments) == len(academy.memory.store.outbox) == 1


async def test_deciding_again_has_a_limit(academy: Academy) -> None:
    """
    Seven times somebody was faster: the eighth try may still win, a ninth is never made.
    """
    payment = await in_state(academy, State.PENDING)
    trouble = academy.memory.unit_of_work.trouble
    trouble.extend([ChangedMeanwhile("x")] * 7)
    await academy.settle(answer(payment, Verdict.IN_PROGRESS), BY_STATUS)
    assert academy.payment(payment.id).state is State.PROCESSING

    trouble.extend([ChangedMeanwhile("x")] * 9)
    with pytest.raises(ChangedMeanwhile):
        await academy.settle(answer(payment, Verdict.CHARGED), BY_STATUS)

    assert len(trouble) == 1
    assert academy.payment(payment.id).state is State.PROCESSING


async def test_an_order_that_is_not_ours_is_not_found(academy: Academy) -> None:
    """
    No payment is made up from the bank's word.
    """
    with pytest.raises(NotFound):
        await academy.settle(unclear(payment_id(9), Attention.VOIDED), BY_STATUS)


async def test_a_failed_attempt_may_be_followed_by_a_paid_one(academy: Academy) -> None:
    """
    The student tried again on the bank's page: the course opens after all.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    assert (await academy.hears(payment.id)).state is State.FAILED

    academy.gateway.pay(payment.id)

    assert (await academy.hears(payment.id)).state is State.SUCCESS
