"""The line to the database is cut while it works: what took effect is unknown, and asking again puts it right."""

from contextlib import suppress
from datetime import timedelta

import pytest

from domain.payments.payment import Payment, Student
from fault_injection.wire import Cut, Wire
from ports.idempotency import IdempotencyKeyInUse
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.postgres import BY_CALLBACK, CALL_MAX, CODE, PostgresWorld, code, student, wanted

READ, APPLY, RECORD = 1, 2, 3
LATER = CALL_MAX + timedelta(seconds=1)


async def warm(world: PostgresWorld) -> None:
    """Let the one connection learn every statement, so that trips can be counted."""
    await world.stock(code())
    told, asked = [
        await world.initiate(wanted(student(name), code=CODE, key=f"of {name}"))
        for name in ("Meera", "Kabir")
    ]
    world.gateway.pay(told.id)
    await world.receive_webhook(*world.gateway.event(told.id))
    await world.process_inbox()
    world.gateway.pay(asked.id)
    await world.apply(await world.read_order(asked.id, asked.student.id), BY_CALLBACK)


async def charged(world: PostgresWorld, who: Student) -> Payment:
    payment = await world.initiate(wanted(who, code=CODE))
    world.gateway.pay(payment.id)
    return payment


async def assert_sold_once(world: PostgresWorld, payment: Payment) -> None:
    assert await world.rows(
        "SELECT p.state, p.redemption,"
        " (SELECT count(*) FROM enrolment WHERE payment_id = p.id),"
        " (SELECT count(*) FROM outbox WHERE payment_id = p.id),"
        " (SELECT count(*) FROM audit_log WHERE subject = p.id AND action = 'payment.moved')"
        " FROM payment p WHERE id = $1",
        payment.id,
    ) == [("success", "committed", 1, 1, 1)]


@pytest.mark.parametrize("how", Cut)
@pytest.mark.parametrize("trip", [READ, APPLY])
async def test_a_settle_cut_off_takes_effect_once(
    wired: PostgresWorld, wire: Wire, trip: int, how: Cut
) -> None:
    """
    Whether or not the server had it, the same facts settled again give exactly one effect.
    """
    await warm(wired)
    payment = await charged(wired, student("Asha"))
    facts = await wired.read_order(payment.id, payment.student.id)

    wire.cut_at(trip, how)
    with pytest.raises(StorageUnavailable):
        await wired.apply(facts, BY_CALLBACK)

    done = trip == APPLY and how is Cut.BEFORE_THE_ANSWER
    assert await wired.state_of(payment.id) == ("success" if done else "pending")
    await wired.apply(facts, BY_CALLBACK)
    await assert_sold_once(wired, payment)


@pytest.mark.parametrize("how", Cut)
async def test_an_event_cut_off_is_worked_through_later(
    wired: PostgresWorld, wire: Wire, how: Cut
) -> None:
    """
    A worker that lost the line leaves its entry to the next one; it is applied once.
    """
    await warm(wired)
    payment = await charged(wired, student("Asha"))
    await wired.receive_webhook(*wired.gateway.event(payment.id))

    wire.cut_at(3, how)
    with pytest.raises(StorageUnavailable):
        await wired.process_inbox()
    wired.clock.forward(CALL_MAX)
    done = how is Cut.BEFORE_THE_ANSWER
    assert await wired.process_inbox() == (0 if done else 1)

    await assert_sold_once(wired, payment)
    assert await wired.value("SELECT state FROM inbox WHERE order_id = $1", payment.id) == "applied"


@pytest.mark.parametrize("how", Cut)
async def test_an_event_not_stored_is_not_acknowledged(
    wired: PostgresWorld, wire: Wire, how: Cut
) -> None:
    """
    The bank sends it again; stored once, whichever of the two was lost.
    """
    await warm(wired)
    payment = await charged(wired, student("Asha"))
    event = wired.gateway.event(payment.id)

    wire.cut_at(1, how)
    with pytest.raises(StorageUnavailable):
        await wired.receive_webhook(*event)
    await wired.receive_webhook(*event)

    assert await wired.value("SELECT count(*) FROM inbox WHERE order_id = $1", payment.id) == 1
    await wired.process_inbox()
    await assert_sold_once(wired, payment)


@pytest.mark.parametrize("how", Cut)
@pytest.mark.parametrize("trip", [READ, APPLY, RECORD])
async def test_an_initiation_cut_off_opens_one_payment(
    wired: PostgresWorld, wire: Wire, trip: int, how: Cut
) -> None:
    """
    The client asks again with its key until it has an answer: one payment, one slot, one order.
    """
    await warm(wired)
    asha = student("Asha")
    asked = wanted(asha, code=CODE, key="of Asha")
    used, orders = await wired.value("SELECT used FROM discount"), len(wired.gateway.orders)

    wire.cut_at(trip, how)
    with pytest.raises(StorageUnavailable):
        await wired.initiate(asked)
    try:
        payment = await wired.initiate(asked)
    except IdempotencyKeyInUse:
        wired.clock.forward(LATER)
        payment = await wired.initiate(asked)

    assert payment.gateway_order is not None
    assert (await wired.initiate(asked)).id == payment.id
    assert await wired.rows("SELECT id, state FROM payment WHERE student_id = $1", asha.id) == [
        (payment.id, "pending")
    ]
    assert await wired.value("SELECT used FROM discount") == used + 1
    assert len(wired.gateway.orders) == orders + 1
    assert wired.gateway.calls[GatewayOperation.CREATE_SESSION] >= orders + 1


async def test_a_network_that_fails_costs_one_request_at_most(
    wired: PostgresWorld, wire: Wire
) -> None:
    """
    Every connection is lost between two requests; whether or not that was noticed, the pool heals.
    """
    await warm(wired)
    wire.cut_all()
    with suppress(StorageUnavailable):
        await wired.receive_webhook(*wired.gateway.event(next(iter(wired.gateway.orders))))

    payment = await charged(wired, student("Asha"))

    assert await wired.state_of(payment.id) == "pending"
