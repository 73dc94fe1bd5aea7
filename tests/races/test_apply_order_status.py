"""The bank's news comes a hundred times, from every side, at once: it takes effect once."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.queues.outbox import PostgresOutbox
from application.notifications.relay_outbox import LEASE
from domain.catalogue.discount import DiscountRefused
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.payment import Payment, Student
from ports.payments.inbox import EntryState
from races.conftest import CROWD
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import (
    ASHA,
    BY_CALLBACK,
    CODE,
    LAPSE,
    NOON,
    RAVI,
    PostgresWorld,
    code,
    origin,
    student,
    wanted,
)

COPIES = 100
PROCESSES = 4
AGAIN = range(3)
MOVES = "SELECT count(*) FROM audit_log WHERE subject = $1 AND action = 'payment.moved'"


@pytest_asyncio.fixture
async def processes(
    world: PostgresWorld, database_url: str
) -> AsyncIterator[Sequence[PostgresWorld]]:
    """Several processes of ours, each with a pool of its own, before one bank."""
    databases = [
        Database.connect(DatabaseSettings(url=database_url, pool_size=5)) for _ in range(PROCESSES)
    ]
    yield [PostgresWorld.open(database, world.gateway, world.clock) for database in databases]
    for database in databases:
        await database.close()


async def opened(world: PostgresWorld, who: Student = ASHA, *, discounted: bool = False) -> Payment:
    return await world.initiate(wanted(who, code=CODE if discounted else None))


async def paid(world: PostgresWorld, who: Student = ASHA, *, discounted: bool = False) -> Payment:
    payment = await opened(world, who, discounted=discounted)
    world.gateway.pay(payment.id)
    return payment


async def assert_sold_once(world: PostgresWorld, payment: Payment) -> None:
    """One move, one enrolment, one email to write, one slot: whatever came how often."""
    assert await world.state_of(payment.id) == "success"
    assert await world.value(MOVES, payment.id) == 1
    for table in ("enrolment", "outbox"):
        count = f"SELECT count(*) FROM {table} WHERE payment_id = $1"  # noqa: S608 - our own two names
        assert await world.value(count, payment.id) == 1


async def test_a_hundred_copies_of_one_webhook_settle_once(
    world: PostgresWorld, processes: Sequence[PostgresWorld]
) -> None:
    """
    Copies are accepted by every process while every process works through the inbox.
    """
    await world.stock(code())
    payment = await paid(world, discounted=True)
    headers, body = world.gateway.event(payment.id)

    async def work(process: PostgresWorld) -> None:
        for _ in range(COPIES // PROCESSES):
            await process.process_inbox()

    await asyncio.gather(
        *(processes[n % PROCESSES].receive_webhook(headers, body) for n in range(COPIES)),
        *(work(process) for process in processes),
    )
    while await world.process_inbox():
        pass

    await assert_sold_once(world, payment)
    assert await world.rows("SELECT state, copies FROM inbox") == [("applied", COPIES)]
    assert await world.receive_webhook(headers, body) is EntryState.APPLIED
    assert await world.process_inbox() == 0
    assert await world.value("SELECT used FROM discount") == 1


async def test_a_hundred_different_webhooks_of_one_sale_settle_once(
    world: PostgresWorld, processes: Sequence[PostgresWorld]
) -> None:
    """
    The bank may number its retries anew: it is the effect that is not repeated.
    """
    await world.stock(code())
    payment = await paid(world, discounted=True)
    for _ in range(COPIES):
        await world.receive_webhook(*world.gateway.event(payment.id))

    counts = await asyncio.gather(*(process.process_inbox() for process in processes))
    while await world.process_inbox():
        pass

    assert sum(counts) == COPIES
    assert all(counts)
    await assert_sold_once(world, payment)
    assert await world.rows("SELECT state, count(*) FROM inbox GROUP BY state") == [
        ("applied", COPIES)
    ]
    assert await world.value("SELECT used FROM discount") == 1


async def test_twenty_settles_that_all_saw_it_pending_settle_once(world: PostgresWorld) -> None:
    """
    Each of them read, decided to sell and applied at the same moment; nineteen decide again.
    """
    await world.stock(code())
    for number in AGAIN:
        payment = await paid(world, student(f"Asha-{number}"), discounted=True)
        facts = await world.read_order(payment.id, payment.student.id)
        place = MeetingPlace(CROWD)
        racer = meeting(world, place)

        got, told = await all_at_once(racer.apply(facts, BY_CALLBACK) for _ in range(CROWD))

        assert [place.met, len(got), told] == [True, CROWD, []]
        await assert_sold_once(world, payment)


async def test_callback_webhook_and_status_at_once_settle_once(world: PostgresWorld) -> None:
    """
    The student comes back, the bank calls and the page asks, each to another process.
    """
    await world.stock()
    for number in AGAIN:
        payment = await paid(world, student(f"Asha-{number}"))
        who = payment.student
        fields = world.gateway.return_fields(payment.id)
        await world.receive_webhook(*world.gateway.event(payment.id))
        place = MeetingPlace(3)
        one, two, three = (meeting(world, place, only="UPDATE payment") for _ in range(3))

        await asyncio.gather(
            one.receive_callback(fields, BY_CALLBACK),
            two.process_inbox(),
            # What the page's request comes to; the return has used up the interval that they share.
            three.refresh_order(payment.id, who.id, origin(who)),
        )

        assert place.met
        await assert_sold_once(world, payment)
        assert await world.value("SELECT state FROM inbox WHERE order_id = $1", payment.id) == (
            "applied"
        )
        view = await world.check_status(payment.id, who.id, origin(who))
        assert [step.state for step in view.timeline] == ["pending", "success"]


async def test_of_two_charges_for_one_course_the_second_is_flagged(world: PostgresWorld) -> None:
    """
    The first attempt expired here, was paid late there, and so was the second: one enrolment.
    """
    await world.stock()
    for number in AGAIN:
        who = student(f"Asha-{number}")
        late = await opened(world, who)
        world.clock.forward(LAPSE)
        await world.poll_orders()
        second = await opened(world, who)
        for payment in (late, second):
            world.gateway.pay(payment.id)
        facts = [await world.read_order(each.id, who.id) for each in (late, second)]
        place = MeetingPlace(2)
        racer = meeting(world, place)

        got, told = await all_at_once(racer.apply(each, BY_CALLBACK) for each in facts)

        assert [place.met, len(got), told] == [True, 2, []]
        assert await world.rows(
            "SELECT state, attention FROM payment WHERE student_id = $1 ORDER BY attention", who.id
        ) == [("success", "paid_twice"), ("success", None)]
        assert (
            await world.rows("SELECT payment_id FROM enrolment WHERE student_id = $1", who.id)
            == await world.rows(
                "SELECT o.payment_id FROM outbox o JOIN payment p ON p.id = o.payment_id"
                " WHERE p.student_id = $1",
                who.id,
            )
            == await world.rows(
                "SELECT id FROM payment WHERE student_id = $1 AND attention IS NULL", who.id
            )
        )


async def test_money_beats_expiry(world: PostgresWorld) -> None:
    """
    One process heard "not attempted" a moment before the other heard "charged": it ends as sold.
    """
    await world.stock(code())
    for number in AGAIN:
        payment = await opened(world, student(f"Asha-{number}"), discounted=True)
        who = payment.student
        world.clock.forward(LAPSE)
        before = await world.read_order(payment.id, who.id)
        world.gateway.pay(payment.id)
        after = await world.read_order(payment.id, who.id)
        place = MeetingPlace(2)
        racer = meeting(world, place)

        got, told = await all_at_once(racer.apply(each, BY_CALLBACK) for each in (before, after))

        assert [place.met, len(got), told] == [True, 2, []]
        assert await world.state_of(payment.id) == "success"
        assert await world.value("SELECT used FROM discount") == number + 1
        assert await world.value("SELECT count(*) FROM enrolment") == number + 1


async def test_many_expirers_ask_about_each_payment_once(
    world: PostgresWorld, processes: Sequence[PostgresWorld]
) -> None:
    """
    Overdue payments are shared out between the processes; every slot comes back exactly once.
    """
    await world.stock(code())
    for number in range(CROWD):
        await opened(world, student(f"Student-{number}"), discounted=True)
    world.clock.forward(LAPSE)

    asked = await asyncio.gather(*(process.poll_orders() for process in processes))

    assert sum(asked) == CROWD
    assert await world.rows("SELECT state, count(*) FROM payment GROUP BY state") == [
        ("expired", CROWD)
    ]
    assert await world.value("SELECT used FROM discount") == 0


@pytest.mark.parametrize("_", AGAIN)
async def test_a_late_success_and_a_new_buyer_of_the_last_slot(
    world: PostgresWorld, _: int
) -> None:
    """
    The slot came back by expiry; its first holder pays late just as another takes it. Who paid is
    honoured, beyond the limit if need be, and the count says so.
    """
    await world.stock(code(limit=1))
    late = await opened(world, discounted=True)
    world.clock.forward(LAPSE)
    await world.poll_orders()
    assert await world.value("SELECT used FROM discount") == 0
    world.gateway.pay(late.id)
    facts = await world.read_order(late.id, late.student.id)
    place = MeetingPlace(2)
    racer = meeting(world, place)

    settled, bought = await asyncio.gather(
        all_at_once([racer.apply(facts, BY_CALLBACK)]),
        all_at_once([racer.initiate(wanted(RAVI, code=CODE))]),
    )

    assert place.met
    assert [each.reservation for each in settled[0]] == [DiscountReservation.HONOURED_LATE]
    assert {DiscountRefused} >= {type(each) for each in bought[1]}
    assert await world.value("SELECT used FROM discount") == 1 + len(bought[0])
    assert (
        await world.value(
            "SELECT count(*) FROM audit_log WHERE facts->>'discount_slot' = 'honour_late'"
        )
        == 1
    )


async def test_letters_are_shared_out_between_many_workers(
    world: PostgresWorld, processes: Sequence[PostgresWorld]
) -> None:
    """
    Each line of the outbox is one worker's at a time; none is left lying.
    """
    await world.stock()
    for number in range(CROWD):
        payment = await paid(world, student(f"Student-{number}"))
        await world.receive_callback(world.gateway.return_fields(payment.id), BY_CALLBACK)
    each = CROWD // PROCESSES

    claimed = await asyncio.gather(
        *(
            PostgresOutbox(process.database).claim(NOON, lease=LEASE, at_most=each)
            for process in processes
        )
    )
    rest = await PostgresOutbox(world.database).claim(NOON, lease=LEASE, at_most=CROWD)

    lines = [line.payment for lines in (*claimed, rest) for line in lines]
    assert len(lines) == CROWD
    assert len(set(lines)) == CROWD
