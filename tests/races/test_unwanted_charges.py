"""A charge that enrols nobody, told by many at once: exactly one refund, whatever runs beside it."""

from datetime import timedelta

import pytest

from adapters.fake.script import Outcome
from domain.identifiers import system_refund_of
from domain.payments.payment import Payment
from ports.payments.payment_gateway import GatewayOperation
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import ASHA, BY_CALLBACK, PostgresWorld, again, origin, wanted

AGAIN = range(3)
CLOSE_LOOK = timedelta(seconds=15)
BOOKS = (
    "SELECT p.state, p.attention, p.refunding_paise = p.captured_paise,"
    " (SELECT count(*) FROM refund WHERE payment_id = p.id),"
    " (SELECT count(*) FROM enrolment WHERE payment_id = p.id),"
    " (SELECT count(*) FROM audit_log WHERE subject = p.id AND action = 'refund.requested')"
    " FROM payment p WHERE id = $1"
)
GOES_BACK = [("success", "paid_twice", True, 1, 0, 1)]


async def declined(world: PostgresWorld) -> Payment:
    payment = await world.initiate(wanted())
    world.gateway.pay(payment.id, Outcome.FAILURE)
    facts = await world.read_order(payment.id, ASHA.id)
    return await world.apply(facts, BY_CALLBACK)


async def late_beside_a_sale(world: PostgresWorld) -> Payment:
    """Return a payment that was declined, tried again with success, and then charged unheard of."""
    await world.stock()
    first = await declined(world)
    second = await world.retry(again(first.id))
    world.gateway.pay(second.id)
    await world.apply(await world.read_order(second.id, ASHA.id), BY_CALLBACK)
    world.gateway.pay(first.id)
    return first


@pytest.mark.parametrize("_", AGAIN)
async def test_all_who_bring_the_late_success_make_one_refund(world: PostgresWorld, _: int) -> None:
    """
    Webhook, callback, poller and status page write at the same moment.
    """
    first = await late_beside_a_sale(world)
    world.clock.forward(CLOSE_LOOK)
    await world.receive_webhook(*world.gateway.event(first.id))
    place = MeetingPlace(4)
    one, two, three, four = (meeting(world, place, only="UPDATE payment") for _ in range(4))

    got, told = await all_at_once(
        [
            one.process_inbox(),
            two.receive_callback(world.gateway.return_fields(first.id), BY_CALLBACK),
            three.poll_orders(),
            four.apply(await world.read_order(first.id, ASHA.id), origin(ASHA)),
        ]
    )

    assert place.met
    assert not told
    assert len(got) == 4
    assert await world.rows(BOOKS, first.id) == GOES_BACK


@pytest.mark.parametrize("_", AGAIN)
async def test_of_two_that_succeed_at_once_one_goes_back(world: PostgresWorld, _: int) -> None:
    """
    First attempt and retry are charged in the same moment: one enrols the student, the other is refunded.
    """
    await world.stock()
    first = await declined(world)
    second = await world.retry(again(first.id))
    for payment in (first, second):
        world.gateway.pay(payment.id)
    place = MeetingPlace(2)
    facts = [await world.read_order(payment.id, ASHA.id) for payment in (first, second)]

    _got, told = await all_at_once(
        meeting(world, place, only="UPDATE payment").apply(each, BY_CALLBACK) for each in facts
    )

    assert place.met
    assert not told
    assert await world.rows(
        "SELECT (SELECT count(*) FROM enrolment), (SELECT count(*) FROM refund),"
        " (SELECT count(*) FROM payment WHERE state = 'success' AND attention = 'paid_twice'"
        "  AND id NOT IN (SELECT payment_id FROM enrolment))"
    ) == [(1, 1, 1)]


async def test_many_who_follow_send_it_once(world: PostgresWorld) -> None:
    """
    However many workers: the bank is sent one refund, under the id that is this payment's.
    """
    first = await late_beside_a_sale(world)
    await world.apply(await world.read_order(first.id, ASHA.id), BY_CALLBACK)

    followed, told = await all_at_once(world.poll_refunds() for _ in range(CROWD))

    assert not told
    assert sum(followed) == 1
    assert world.gateway.calls[GatewayOperation.REFUND] == 1
    assert await world.rows("SELECT id, asked_by, state FROM refund") == [
        (system_refund_of(first.id), "system", "pending")
    ]
