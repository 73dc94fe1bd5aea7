"""The database goes away and comes back: requests are refused meanwhile, and nobody restarts us."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.engine.statements import Prepared
from conftest import run_sql, with_database
from domain.payments.order_decisions import apply_order_facts
from fakes.samples import NOTED
from fault_injection.observers import ASLEEP, until
from fault_injection.server import Server
from ports.unit_of_work import StorageUnavailable
from races.racing import all_at_once
from worlds.postgres import ASHA, BY_CALLBACK, HandClock, PostgresWorld, student, wanted

BUSY = 5
ONE = Prepared("SELECT 1", (), {})
SLOW = Prepared("SELECT pg_sleep(30)", (), {})


@pytest_asyncio.fixture
async def world(mortal_server: Server) -> AsyncIterator[PostgresWorld]:
    await run_sql(mortal_server.url, "DROP DATABASE IF EXISTS world WITH (FORCE)")
    await run_sql(mortal_server.url, "CREATE DATABASE world")
    url = with_database(mortal_server.url, "world")
    database = Database.connect(DatabaseSettings(url=url, pool_size=BUSY))
    await schema.upgrade(database.engine)
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    # Every connection of the pool is open and has been used.
    await all_at_once(world.initiate(wanted(student(f"Student-{n}"))) for n in range(BUSY))
    yield world
    await database.close()


async def test_while_it_is_away_every_trip_says_so(
    world: PostgresWorld, mortal_server: Server
) -> None:
    """
    An event that could not be stored is not acknowledged; a student is asked to come back.
    """
    payment = await world.initiate(wanted())
    world.gateway.pay(payment.id)
    event = world.gateway.event(payment.id)
    await mortal_server.kill()
    try:
        for trip in (
            lambda: world.receive_webhook(*event),
            lambda: world.receive_callback(world.gateway.return_fields(payment.id), BY_CALLBACK),
            lambda: world.initiate(wanted(student("Ravi"))),
            lambda: world.queries.history(ASHA.id, at_most=5),
            world.process_inbox,
            world.poll_orders,
        ):
            with pytest.raises(StorageUnavailable):
                await trip()
    finally:
        await mortal_server.start()

    await world.receive_webhook(*event)
    assert await world.process_inbox() == 1
    assert await world.state_of(payment.id) == "success"


async def test_a_restart_between_two_units_goes_unnoticed(
    world: PostgresWorld, mortal_server: Server
) -> None:
    """
    The pool does not lend what the server closed: the first request after it is served.
    """
    payment = await world.initiate(wanted())
    await mortal_server.restart()

    got, told = await all_at_once(
        world.initiate(wanted(student(f"Later-{number}"))) for number in range(BUSY)
    )

    assert [len(got), told] == [BUSY, []]
    assert await world.state_of(payment.id) == "pending"


async def test_a_restart_within_a_unit_undoes_it(
    world: PostgresWorld, mortal_server: Server
) -> None:
    """
    What was read is of no use any more: nothing of the unit is written, and the next one works.
    """
    payment = await world.initiate(wanted())
    world.gateway.pay(payment.id)
    facts = await world.read_order(payment.id, ASHA.id)

    async def settle_and_lose_the_server() -> None:
        async with world.unit_of_work() as work:
            current = await work.payments.repository.get(payment.id)
            work.payments.repository.save(
                apply_order_facts(current, facts, at=world.clock.now()).payment, NOTED
            )
            await mortal_server.restart()

    with pytest.raises(StorageUnavailable):
        await settle_and_lose_the_server()

    assert await world.state_of(payment.id) == "pending"
    await world.apply(facts, BY_CALLBACK)
    assert await world.state_of(payment.id) == "success"


async def test_running_statements_end_with_the_server(
    world: PostgresWorld, mortal_server: Server
) -> None:
    """
    Nobody waits for an answer that will never come.
    """
    waiting = asyncio.create_task(world.database.fetch(SLOW))
    await until(ASLEEP, mortal_server.url)
    await mortal_server.restart()

    with pytest.raises(StorageUnavailable):
        await waiting
    assert len(await world.database.fetch(ONE)) == 1
