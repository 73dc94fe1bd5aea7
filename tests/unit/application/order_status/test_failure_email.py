"""A payment that failed is told once, a while later, and only while it is the last word."""

from datetime import timedelta

import pytest

from adapters.fake.script import Fault, Outcome
from application.order_status.failure_email import FAILURE_EMAIL_AFTER
from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.order_facts import OrderFacts, ReviewReason, Verdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.retry import RETRY_WITHIN
from fakes.clock import NOON
from fakes.samples import BY_STATUS, LAPSE, LIFETIME, under_review
from ports.notifications.email_sender import EmailDelayed
from ports.notifications.outbox import OutboxTask
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import MemoryWorld


async def declined(world: MemoryWorld) -> Payment:
    """Return a payment that its student tried to make, and the bank declined."""
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    return await world.deliver_webhook(payment.id)


async def told(world: MemoryWorld) -> list[str]:
    """Return the letters that say a payment failed, all that is due by now being sent."""
    while await world.relay_outbox():
        pass
    return [letter.message_id for letter in world.mail.letters if letter.subject == "Not paid"]


def letter_of(payment: PaymentId) -> str:
    return f"<{payment}.failed@example.com>"


async def test_a_declined_payment_is_told_once_and_not_at_once(world: MemoryWorld) -> None:
    """
    Most students try again meanwhile, and some banks think again.
    """
    payment = await declined(world)
    world.clock.move(FAILURE_EMAIL_AFTER - timedelta(microseconds=1))
    assert not await told(world)

    world.clock.move(timedelta(microseconds=1))

    assert await told(world) == [letter_of(payment.id)]
    assert world.mail.letters[0].to == payment.student.email
    world.clock.move(timedelta(days=7))
    assert len(await told(world)) == 1


async def test_one_letter_whatever_is_told_again(world: MemoryWorld) -> None:
    """
    The bank repeats itself, the student comes back and asks: one fact.
    """
    payment = await declined(world)
    await world.deliver_webhook(payment.id)
    await world.deliver_callback(payment.id)
    await world.ask_status(payment.id)
    await world.poll_orders()
    world.clock.move(FAILURE_EMAIL_AFTER)
    world.mail.gateway_failure.append(EmailDelayed("greylisted"))
    await told(world)
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert await told(world) == [letter_of(payment.id)]


async def test_a_page_that_was_closed_is_no_reason_to_write(world: MemoryWorld) -> None:
    """
    Nothing was tried: the session lapsed, and nobody is nagged.
    """
    payment = await world.begin_payment()
    world.clock.move(LAPSE)
    await world.poll_orders()
    assert world.payment(payment.id).state is State.EXPIRED
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert not await told(world)


async def test_a_page_that_never_came_is_no_reason_to_write(world: MemoryWorld) -> None:
    """
    The student was told so on the spot.
    """
    world.gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.REFUSED)
    with pytest.raises(DomainError):
        await world.begin_payment()
    (payment,) = world.memory.store.payments.values()
    assert payment.state is State.FAILED
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert not await told(world)


@pytest.mark.parametrize(
    ("review_reason", "letters"), [(ReviewReason.VOIDED, 1), (ReviewReason.AUTO_REFUNDED, 0)]
)
async def test_an_attempt_that_the_bank_undid(
    world: MemoryWorld, review_reason: ReviewReason, letters: int
) -> None:
    """
    Voided is told as a failure; what the bank gives back is told as a refund.
    """
    payment = await world.begin_payment()
    world.clock.move(LAPSE)
    facts = OrderFacts(payment=payment.id, verdict=Verdict.UNCLEAR, review_reason=review_reason)
    await world.apply(facts, BY_STATUS)
    assert world.payment(payment.id).state is State.EXPIRED
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert len(await told(world)) == letters


async def test_money_that_came_meanwhile_is_no_failure(world: MemoryWorld) -> None:
    """
    The bank declined and charged after all: one letter, and it says paid.
    """
    payment = await declined(world)
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert not await told(world)
    assert [letter.subject for letter in world.mail.letters] == ["Paid"]


async def test_a_course_that_another_payment_opened_is_no_failure(world: MemoryWorld) -> None:
    """
    Bought anew by the checkout: the first attempt is forgotten.
    """
    await declined(world)
    second = await world.begin_payment()
    world.gateway.pay(second.id)
    await world.deliver_webhook(second.id)
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert not await told(world)


@pytest.mark.parametrize("by_retry", [True, False])
async def test_who_is_at_it_again_is_left_in_peace(world: MemoryWorld, *, by_retry: bool) -> None:
    """
    The page of the next attempt is open: its end will be told, not the one before.
    """
    first = await declined(world)
    world.clock.move(FAILURE_EMAIL_AFTER - LIFETIME / 2)
    second = await world.retry_payment(first.id) if by_retry else await world.begin_payment()
    world.clock.move(LIFETIME / 2)
    assert not await told(world)

    world.gateway.pay(second.id, Outcome.FAILURE)
    await world.deliver_webhook(second.id)
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert await told(world) == [letter_of(second.id)]


async def test_of_a_chain_only_the_last_is_told(world: MemoryWorld) -> None:
    """
    Declined, tried again, declined again: one letter about the second.
    """
    first = await declined(world)
    second = await world.retry_payment(first.id)
    world.gateway.pay(second.id, Outcome.FAILURE)
    await world.deliver_webhook(second.id)
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert await told(world) == [letter_of(second.id)]


async def test_a_retry_without_a_page_leaves_the_first_to_be_told(world: MemoryWorld) -> None:
    """
    The bank was away at the second try: the student is where they were, and may try again.
    """
    first = await declined(world)
    world.gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.REFUSED)
    with pytest.raises(DomainError):
        await world.retry_payment(first.id)
    world.clock.move(FAILURE_EMAIL_AFTER)

    assert await told(world) == [letter_of(first.id)]
    assert str(first.opened_at + RETRY_WITHIN) in world.mail.letters[0].text


@pytest.mark.parametrize(
    ("late_by", "until"), [(timedelta(0), NOON + RETRY_WITHIN), (RETRY_WITHIN, None)]
)
async def test_the_way_to_try_again_is_named_while_there_is_one(
    world: MemoryWorld, late_by: timedelta, until: object
) -> None:
    """
    A letter that was held up for a day does not offer what is over.
    """
    await declined(world)
    world.clock.move(FAILURE_EMAIL_AFTER + late_by)
    await told(world)

    assert world.mail.letters[0].text.endswith(f"try again until {until}")


async def test_doubtful_money_offers_no_second_payment(world: MemoryWorld) -> None:
    """
    While the bank may hold the money, nobody is told to pay again.
    """
    payment = await declined(world)
    store = world.memory.store
    store.payments[payment.id] = under_review(payment, ReviewReason.AMOUNT_DIFFERS)
    world.clock.move(FAILURE_EMAIL_AFTER)
    await told(world)

    assert world.mail.letters[0].text.endswith("try again until None")


async def test_the_line_is_written_with_the_move(world: MemoryWorld) -> None:
    """
    No crash between the two can lose the letter.
    """
    payment = await declined(world)

    (row,) = world.memory.store.outbox.values()
    assert (row.task, row.payment) == (OutboxTask.PAYMENT_FAILURE, payment.id)
    assert row.due_at == world.clock.now() + FAILURE_EMAIL_AFTER
