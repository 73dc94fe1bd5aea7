"""Money that opens nothing, told by many at once: exactly one refund, whatever runs beside it."""

from datetime import timedelta

import pytest

from adapters.fake.script import Operation, Outcome
from domain.identifiers import system_refund_of
from domain.payments.payment import Payment
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import ASHA, BY_CALLBACK, Shop, again, origin, wanted
from worlds.refunds_on_postgres import RefundCounter

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


async def declined(shop: Shop) -> Payment:
    payment = await shop.initiate(wanted())
    shop.gateway.pay(payment.id, Outcome.FAILURE)
    facts = await shop.read_order(payment.id, ASHA.id)
    return await shop.apply(facts, BY_CALLBACK)


async def late_beside_a_sale(shop: Shop) -> Payment:
    """Return a payment that was declined, tried again with success, and then charged unheard of."""
    await shop.stock()
    first = await declined(shop)
    second = await shop.retry(again(first.id))
    shop.gateway.pay(second.id)
    await shop.apply(await shop.read_order(second.id, ASHA.id), BY_CALLBACK)
    shop.gateway.pay(first.id)
    return first


@pytest.mark.parametrize("_", AGAIN)
async def test_all_who_bring_the_late_success_make_one_refund(shop: Shop, _: int) -> None:
    """
    Webhook, callback, poller and status page write at the same moment.
    """
    first = await late_beside_a_sale(shop)
    shop.clock.forward(CLOSE_LOOK)
    await shop.receive_webhook(*shop.gateway.event(first.id))
    place = MeetingPlace(4)
    one, two, three, four = (meeting(shop, place, only="UPDATE payment") for _ in range(4))

    got, told = await all_at_once(
        [
            one.process_inbox(),
            two.receive_callback(shop.gateway.return_fields(first.id), BY_CALLBACK),
            three.poll_orders(),
            four.apply(await shop.read_order(first.id, ASHA.id), origin(ASHA)),
        ]
    )

    assert place.met
    assert not told
    assert len(got) == 4
    assert await shop.rows(BOOKS, first.id) == GOES_BACK


@pytest.mark.parametrize("_", AGAIN)
async def test_of_two_that_succeed_at_once_one_goes_back(shop: Shop, _: int) -> None:
    """
    First attempt and retry are charged in the same moment: one opens the course, the other is returned.
    """
    await shop.stock()
    first = await declined(shop)
    second = await shop.retry(again(first.id))
    for payment in (first, second):
        shop.gateway.pay(payment.id)
    place = MeetingPlace(2)
    facts = [await shop.read_order(payment.id, ASHA.id) for payment in (first, second)]

    _got, told = await all_at_once(
        meeting(shop, place, only="UPDATE payment").apply(each, BY_CALLBACK) for each in facts
    )

    assert place.met
    assert not told
    assert await shop.rows(
        "SELECT (SELECT count(*) FROM enrolment), (SELECT count(*) FROM refund),"
        " (SELECT count(*) FROM payment WHERE state = 'success' AND attention = 'paid_twice'"
        "  AND id NOT IN (SELECT payment_id FROM enrolment))"
    ) == [(1, 1, 1)]


async def test_many_who_follow_send_it_once(shop: Shop) -> None:
    """
    However many workers: the bank hears of one refund, under the id that is this payment's.
    """
    first = await late_beside_a_sale(shop)
    await shop.apply(await shop.read_order(first.id, ASHA.id), BY_CALLBACK)

    followed, told = await all_at_once(RefundCounter(shop).follows() for _ in range(CROWD))

    assert not told
    assert sum(followed) == 1
    assert shop.gateway.calls[Operation.REFUND] == 1
    assert await shop.rows("SELECT id, asked_by, state FROM refund") == [
        (system_refund_of(first.id), "system", "pending")
    ]
