"""A student ends a payment while its money arrives: no sale is lost, and nobody pays twice."""

import pytest

from application.checkout.idempotency import PaymentInProgress
from domain.payments.cancellation import NotCancellable
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import Payment
from domain.payments.retry import RetryRefused
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import ASHA, BY_CALLBACK, PostgresWorld, again, origin, wanted

AGAIN = range(3)
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
    assert {NotCancellable, PaymentInProgress} >= {
        each for each in map(type, told) if each.__name__ != "AlreadyEnrolled"
    }
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
