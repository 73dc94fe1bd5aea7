"""A student ends a payment while its money arrives: no sale is lost, and nobody pays twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from application.checkout.idempotency import PaymentInProgress
from application.checkout.initiate_payment import AlreadyEnrolled
from domain.errors import DomainError
from domain.payments.cancellation import NotCancellable
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import Payment, Student
from domain.payments.retry import RetryRefused
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import ASHA, BY_CALLBACK, PostgresWorld, again, origin, student, wanted

AGAIN = range(3)
FEW: Final = 9
ALL: Final = 200
TURNS_MAX: Final = 40
"""So many turns of the loop may pass before one of a crowd begins."""

OF_STUDENT: Final = (
    "SELECT id FROM payment WHERE student_id = $1 AND state <> 'initiated' ORDER BY id"
)
ENDED_ONCE: Final = (
    "SELECT count(*) FROM audit_log WHERE subject = $1 AND to_state = 'failed'"
    " AND actor = (SELECT 'student:' || student_id FROM payment WHERE id = $1)"
)
REFUSALS: Final = {NotCancellable, PaymentInProgress, AlreadyEnrolled, RetryRefused}
ENDING: Final = (
    "SELECT (SELECT count(*) FROM enrolment WHERE student_id = $1 AND until IS NULL),"
    " (SELECT sum(captured_paise - refunded_paise - refunding_paise) FROM payment WHERE student_id = $1),"
    " (SELECT max(payable_paise) FROM payment WHERE student_id = $1)"
)
BOOKS = (
    "SELECT (SELECT count(*) FROM enrolment WHERE until IS NULL),"
    " (SELECT sum(captured_paise - refunded_paise - refunding_paise) FROM payment),"
    " (SELECT max(payable_paise) FROM payment)"
)


async def paid_unheard_of(world: PostgresWorld) -> tuple[Payment, OrderFacts]:
    """
    Return an open payment whose money has arrived, with the facts that say so.

    Whoever asks the bank is still told that nothing has happened.
    """
    await world.stock()
    payment = await world.initiate(wanted())
    pending = await world.read_order(payment.id, ASHA.id)
    world.gateway.pay(payment.id)
    charged = await world.read_order(payment.id, ASHA.id)
    world.gateway.answer(payment.id, pending)
    return payment, charged


async def _all_in_any_order(
    world: PostgresWorld, who: Student, payment: Payment, chance: random.Random
) -> list[DomainError]:
    """
    Let the student, their browser and the bank do all there is about *payment*; return what was refused.

    The money moves before all else, or when some of the others have ended.
    """
    before_pay, ended = chance.randint(0, 4), asyncio.Semaphore(0)

    async def noted(turns: int, deed: Callable[[], Awaitable[object]]) -> object:
        for _ in range(turns):
            await asyncio.sleep(0)
        try:
            return await deed()
        finally:
            ended.release()

    async def pay() -> None:
        for _ in range(before_pay):
            await ended.acquire()
        world.gateway.pay(payment.id)

    async def hear() -> None:
        await world.receive_webhook(*world.gateway.event(payment.id))
        await world.process_inbox()

    async def come_back() -> None:
        await world.receive_callback(world.gateway.return_fields(payment.id), BY_CALLBACK)

    deeds: list[Callable[[], Awaitable[object]]] = [
        lambda: world.cancel_payment(payment.id, who.id, origin(who)),
        lambda: world.cancel_payment(payment.id, who.id, origin(who)),
        lambda: world.retry(again(payment.id, who)),
        lambda: world.initiate(wanted(who)),
        hear,
        come_back,
    ]
    _got, told = await all_at_once(
        [pay(), *(noted(chance.randint(0, TURNS_MAX), deed) for deed in deeds)]
    )
    return told


async def balance(world: PostgresWorld) -> None:
    """One course is open, and of all that was taken exactly its price is kept."""
    ((courses, kept, price),) = await world.rows(BOOKS)
    assert courses == 1
    assert kept == price


@pytest.mark.parametrize("_", AGAIN)
async def test_an_end_meets_the_charge(world: PostgresWorld, _: int) -> None:
    """
    Both have decided when both write: the sale stands, and an end that came second is refused.
    """
    payment, charged = await paid_unheard_of(world)
    place = MeetingPlace(2)
    leaver, teller = (meeting(world, place, only="UPDATE payment") for _ in range(2))

    _got, told = await all_at_once(
        [
            leaver.cancel_payment(payment.id, ASHA.id, origin(ASHA)),
            teller.apply(charged, BY_CALLBACK),
        ]
    )

    assert place.met
    assert {NotCancellable} >= {type(each) for each in told}
    assert await world.state_of(payment.id) == "success"
    await balance(world)


@pytest.mark.parametrize("_", AGAIN)
async def test_an_end_among_all_who_bring_news(world: PostgresWorld, _: int) -> None:
    """
    Twice ended, returned from the bank, told by its webhook and asked for again, in the same moment.
    """
    payment, charged = await paid_unheard_of(world)
    await world.receive_webhook(*world.gateway.event(payment.id))
    fields = world.gateway.return_fields(payment.id)
    place = MeetingPlace(4)
    one, two, three, four = (meeting(world, place, only="UPDATE payment") for _ in range(4))

    _got, told = await all_at_once(
        [
            one.cancel_payment(payment.id, ASHA.id, origin(ASHA)),
            two.cancel_payment(payment.id, ASHA.id, origin(ASHA)),
            three.apply(charged, BY_CALLBACK),
            four.apply(charged, origin(ASHA)),
            world.receive_callback(fields, BY_CALLBACK),
            world.process_inbox(),
            world.initiate(wanted()),
        ]
    )
    world.gateway.answer(payment.id, charged)
    await world.apply(charged, BY_CALLBACK)

    assert place.met
    assert {NotCancellable, PaymentInProgress, AlreadyEnrolled} >= set(map(type, told))
    assert await world.state_of(payment.id) == "success"
    await balance(world)


@pytest.mark.parametrize("_", AGAIN)
async def test_what_was_ended_is_charged_while_it_is_tried_again(
    world: PostgresWorld, _: int
) -> None:
    """
    The retry or the sale comes first; when both are paid, one of the two goes back.
    """
    payment, charged = await paid_unheard_of(world)
    await world.cancel_payment(payment.id, ASHA.id, origin(ASHA))
    place = MeetingPlace(2)
    retrier, teller = (meeting(world, place, only="UPDATE payment") for _ in range(2))

    got, told = await all_at_once(
        [retrier.retry(again(payment.id)), teller.apply(charged, BY_CALLBACK)]
    )
    retries = [each for each in got if each.id != payment.id]
    for retry in retries:
        world.gateway.pay(retry.id)
        await world.apply(await world.read_order(retry.id, ASHA.id), BY_CALLBACK)

    assert place.met
    assert {RetryRefused} >= {type(each) for each in told}
    assert await world.state_of(payment.id) == "success"
    assert await world.value("SELECT count(*) FROM refund") == len(retries)
    await balance(world)


@pytest.mark.parametrize("tries", [FEW, pytest.param(ALL, marks=pytest.mark.thorough)])
async def test_an_end_pay_callback_webhook_and_retry_at_once(
    world: PostgresWorld, tries: int
) -> None:
    """
    Begun in an order of chance: the course opens once, its price is kept once, and all else goes back.
    """
    await world.stock()
    chance = random.Random(20261130)  # noqa: S311  # an order, no secret
    seen: Counter[str] = Counter()

    for number in range(tries):
        who = student(f"Student{number}")
        first = await world.initiate(wanted(who))
        told = await _all_in_any_order(world, who, first, chance)
        payments = [row for (row,) in await world.rows(OF_STUDENT, who.id)]
        for payment in payments:
            if chance.random() < 0.5 and payment != first.id:
                world.gateway.pay(payment)
                seen["paid twice"] += 1
            await world.apply(await world.read_order(payment, who.id), BY_CALLBACK)

        assert set(map(type, told)) <= REFUSALS
        assert await world.state_of(first.id) == "success"
        ((courses, kept, price),) = await world.rows(ENDING, who.id)
        assert (courses, kept) == (1, price), f"try {number}"
        seen["ended first"] += await world.value(ENDED_ONCE, first.id)
        seen["refused"] += any(isinstance(each, NotCancellable) for each in told)
    # A few tries need not meet all of it, since what comes first is the machine's to say. Two hundred do.
    if tries == ALL:
        assert all(seen[each] for each in ("paid twice", "ended first", "refused")), seen
