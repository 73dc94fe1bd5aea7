"""A payment that failed is told once, a while later, and only while it is the last word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.script import Fault, Operation, Outcome
from application.order_status.failure_email import TOLD_AFTER
from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.order_facts import Attention, OrderFacts, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.retry import RETRY_WITHIN
from fakes.clock import NOON
from fakes.samples import BY_STATUS, LAPSE, LIFETIME
from ports.notifications.email_sender import EmailDelayed
from ports.notifications.outbox import Errand
from worlds.memory import Academy


async def declined(academy: Academy) -> Payment:
    """Return a payment that its student tried to make, and the bank declined."""
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    return await academy.hears(payment.id)


async def told(academy: Academy) -> list[str]:
    """Return the letters that say a payment failed, all that is due by now being sent."""
    while await academy.relay():
        pass
    return [letter.message_id for letter in academy.mail.letters if letter.subject == "Not paid"]


def letter_of(payment: PaymentId) -> str:
    return f"<{payment}.failed@example.com>"


async def test_a_declined_payment_is_told_once_and_not_at_once(academy: Academy) -> None:
    """
    Most students try again meanwhile, and some banks think again.
    """
    payment = await declined(academy)
    academy.clock.move(TOLD_AFTER - timedelta(microseconds=1))
    assert not await told(academy)

    academy.clock.move(timedelta(microseconds=1))

    assert await told(academy) == [letter_of(payment.id)]
    assert academy.mail.letters[0].to == payment.student.email
    academy.clock.move(timedelta(days=7))
    assert len(await told(academy)) == 1


async def test_one_letter_whatever_is_told_again(academy: Academy) -> None:
    """
    The bank repeats itself, the student comes back and asks: one fact.
    """
    payment = await declined(academy)
    await academy.hears(payment.id)
    await academy.comes_back(payment.id)
    await academy.asks(payment.id)
    await academy.poll()
    academy.clock.move(TOLD_AFTER)
    academy.mail.trouble.append(EmailDelayed("greylisted"))
    await told(academy)
    academy.clock.move(TOLD_AFTER)

    assert await told(academy) == [letter_of(payment.id)]


async def test_a_page_that_was_closed_is_no_reason_to_write(academy: Academy) -> None:
    """
    Nothing was tried: the session lapsed, and nobody is nagged.
    """
    payment = await academy.opens()
    academy.clock.move(LAPSE)
    await academy.poll()
    assert academy.payment(payment.id).state is State.EXPIRED
    academy.clock.move(TOLD_AFTER)

    assert not await told(academy)


async def test_a_page_that_never_came_is_no_reason_to_write(academy: Academy) -> None:
    """
    The student was told so on the spot.
    """
    academy.gateway.fail_next(Operation.CREATE_SESSION, Fault.REFUSED)
    with pytest.raises(DomainError):
        await academy.opens()
    (payment,) = academy.memory.store.payments.values()
    assert payment.state is State.FAILED
    academy.clock.move(TOLD_AFTER)

    assert not await told(academy)


@pytest.mark.parametrize(
    ("attention", "letters"), [(Attention.VOIDED, 1), (Attention.AUTO_REFUNDED, 0)]
)
async def test_an_attempt_that_the_bank_undid(
    academy: Academy, attention: Attention, letters: int
) -> None:
    """
    Voided is told as a failure; what the bank gives back is told as a refund.
    """
    payment = await academy.opens()
    academy.clock.move(LAPSE)
    facts = OrderFacts(payment=payment.id, verdict=Verdict.UNCLEAR, attention=attention)
    await academy.settle(facts, BY_STATUS)
    assert academy.payment(payment.id).state is State.EXPIRED
    academy.clock.move(TOLD_AFTER)

    assert len(await told(academy)) == letters


async def test_money_that_came_meanwhile_is_no_failure(academy: Academy) -> None:
    """
    The bank declined and charged after all: one letter, and it says paid.
    """
    payment = await declined(academy)
    academy.gateway.pay(payment.id)
    await academy.hears(payment.id)
    academy.clock.move(TOLD_AFTER)

    assert not await told(academy)
    assert [letter.subject for letter in academy.mail.letters] == ["Paid"]


async def test_a_course_that_another_payment_opened_is_no_failure(academy: Academy) -> None:
    """
    Bought anew by the checkout: the first attempt is forgotten.
    """
    await declined(academy)
    second = await academy.opens()
    academy.gateway.pay(second.id)
    await academy.hears(second.id)
    academy.clock.move(TOLD_AFTER)

    assert not await told(academy)


@pytest.mark.parametrize("by_retry", [True, False])
async def test_who_is_at_it_again_is_left_in_peace(academy: Academy, *, by_retry: bool) -> None:
    """
    The page of the next attempt is open: its end will be told, not the one before.
    """
    first = await declined(academy)
    academy.clock.move(TOLD_AFTER - LIFETIME / 2)
    second = await academy.retries(first.id) if by_retry else await academy.opens()
    academy.clock.move(LIFETIME / 2)
    assert not await told(academy)

    academy.gateway.pay(second.id, Outcome.FAILURE)
    await academy.hears(second.id)
    academy.clock.move(TOLD_AFTER)

    assert await told(academy) == [letter_of(second.id)]


async def test_of_a_chain_only_the_last_is_told(academy: Academy) -> None:
    """
    Declined, tried again, declined again: one letter about the second.
    """
    first = await declined(academy)
    second = await academy.retries(first.id)
    academy.gateway.pay(second.id, Outcome.FAILURE)
    await academy.hears(second.id)
    academy.clock.move(TOLD_AFTER)

    assert await told(academy) == [letter_of(second.id)]


async def test_a_retry_without_a_page_leaves_the_first_to_be_told(academy: Academy) -> None:
    """
    The bank was away at the second try: the student is where they were, and may try again.
    """
    first = await declined(academy)
    academy.gateway.fail_next(Operation.CREATE_SESSION, Fault.REFUSED)
    with pytest.raises(DomainError):
        await academy.retries(first.id)
    academy.clock.move(TOLD_AFTER)

    assert await told(academy) == [letter_of(first.id)]
    assert str(first.opened_at + RETRY_WITHIN) in academy.mail.letters[0].text


@pytest.mark.parametrize(
    ("late_by", "until"), [(timedelta(0), NOON + RETRY_WITHIN), (RETRY_WITHIN, None)]
)
async def test_the_way_to_try_again_is_named_while_there_is_one(
    academy: Academy, late_by: timedelta, until: object
) -> None:
    """
    A letter that was held up for a day does not offer what is over.
    """
    await declined(academy)
    academy.clock.move(TOLD_AFTER + late_by)
    await told(academy)

    assert academy.mail.letters[0].text.endswith(f"try again until {until}")


async def test_doubtful_money_offers_no_second_payment(academy: Academy) -> None:
    """
    While the bank may hold the money, nobody is told to pay again.
    """
    payment = await declined(academy)
    store = academy.memory.store
    store.payments[payment.id] = replace(payment, attention=Attention.AMOUNT_DIFFERS)
    academy.clock.move(TOLD_AFTER)
    await told(academy)

    assert academy.mail.letters[0].text.endswith("try again until None")


async def test_the_line_is_written_with_the_move(academy: Academy) -> None:
    """
    No crash between the two can lose the letter.
    """
    payment = await declined(academy)

    (row,) = academy.memory.store.outbox.values()
    assert (row.errand, row.payment) == (Errand.PAYMENT_FAILURE, payment.id)
    assert row.due_at == academy.clock.now() + TOLD_AFTER
