"""Many tries at once, and the bank's late news in between: one more payment at most, and no sale is lost."""

import pytest

from adapters.fake.script import Outcome
from application.checkout.idempotency import PaymentInProgress
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import Payment
from domain.payments.retry import RETRIES_MAX, RetryRefusal, RetryRefused
from ports.idempotency import IdempotencyKeyInUse
from ports.payments.payment_gateway import GatewayOperation
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import ASHA, BY_CALLBACK, PostgresWorld, again, wanted

AGAIN = range(5)


async def declined(world: PostgresWorld, payment: Payment) -> Payment:
    world.gateway.pay(payment.id, Outcome.FAILURE)
    await world.receive_webhook(*world.gateway.event(payment.id, "ORDER_FAILED"))
    assert await world.process_inbox() == 1
    assert await world.state_of(payment.id) == "failed"
    return payment


async def failed(world: PostgresWorld) -> Payment:
    await world.stock()
    return await declined(world, await world.initiate(wanted()))


@pytest.mark.parametrize("crowd", [2, CROWD])
async def test_of_many_retries_at_once_one_opens_a_payment(
    world: PostgresWorld, crowd: int
) -> None:
    """
    All of them saw that the way was free; the others are told of the one.
    """
    first, place = await failed(world), MeetingPlace(crowd)
    racers = [meeting(world, place, only="INSERT INTO payment") for _ in range(crowd)]

    got, told = await all_at_once(racer.retry(again(first.id)) for racer in racers)

    assert place.met
    assert len(got) == 1
    assert {PaymentInProgress} == {type(each) for each in told}
    assert await world.rows(
        "SELECT id, retry_of, retry_number FROM payment WHERE retry_of IS NOT NULL"
    ) == [(got[0].id, first.id, 1)]
    assert world.gateway.calls[GatewayOperation.CREATE_SESSION] == 2


async def test_one_key_many_times_at_once_opens_one_payment(world: PostgresWorld) -> None:
    """
    Answered alike or asked to wait.
    """
    first, place = await failed(world), MeetingPlace(CROWD)
    racers = [meeting(world, place, only="INSERT INTO payment") for _ in range(CROWD)]

    got, told = await all_at_once(racer.retry(again(first.id, key="k")) for racer in racers)

    assert place.met
    assert {IdempotencyKeyInUse} >= {type(each) for each in told}
    assert {(await world.retry(again(first.id, key="k"))).id} == {payment.id for payment in got}
    assert await world.value("SELECT count(*) FROM payment") == 2


@pytest.mark.parametrize("_", AGAIN)
async def test_a_retry_meets_the_late_charge(world: PostgresWorld, _: int) -> None:
    """
    Both have decided when both write: the sale stands, and a retry that came second is undone.
    """
    first = await failed(world)
    declined_facts = await world.read_order(first.id, ASHA.id)
    charged = await _charged(world, first)
    world.gateway.answer(first.id, declined_facts)
    place = MeetingPlace(2)
    retrier, teller = (meeting(world, place, only="UPDATE payment") for _ in range(2))

    got, told = await all_at_once(
        [retrier.retry(again(first.id)), teller.apply(charged, BY_CALLBACK)]
    )

    assert place.met
    assert await world.state_of(first.id) == "success"
    assert await world.rows("SELECT payment_id FROM enrolment") == [(first.id,)]
    retries = await world.value("SELECT count(*) FROM payment WHERE retry_of = $1", first.id)
    assert len(got) == 1 + retries
    assert [(RetryRefused, RetryRefusal.PAID)] * (1 - retries) == [
        (type(each), each.reason) for each in told if isinstance(each, RetryRefused)
    ]
    assert await world.value(
        "SELECT retried_as IS NOT NULL FROM payment WHERE id = $1", first.id
    ) is (retries == 1)


async def test_the_limit_holds_in_a_crowd(world: PostgresWorld) -> None:
    """
    Whichever of the chain they try again: three retries, and not one more.
    """
    chain = [await failed(world)]
    for _ in range(RETRIES_MAX + 1):
        got, _told = await all_at_once(
            world.retry(again(payment.id)) for payment in chain for _ in range(3)
        )
        chain += [await declined(world, payment) for payment in got]

    assert len(chain) == 1 + RETRIES_MAX
    assert await world.rows(
        "SELECT retry_number FROM payment WHERE first_attempt = $1 ORDER BY 1", chain[0].id
    ) == [(1,), (2,), (3,)]


async def _charged(world: PostgresWorld, payment: Payment) -> OrderFacts:
    world.gateway.pay(payment.id)
    return await world.read_order(payment.id, ASHA.id)
