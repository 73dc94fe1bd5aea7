"""Slow statements, held locks and a pool with nothing left: each ends in time, in the core's own words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import asyncpg
import pytest

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.engine.statements import Prepared
from domain.payments.order_facts import OrderFacts
from domain.payments.payment import Payment
from fault_injection.observers import STUCK, until
from ports.unit_of_work import StorageUnavailable
from worlds.postgres import BY_CALLBACK, CODE, HandClock, PostgresWorld, code, student, wanted

SHORT: Final = timedelta(milliseconds=200)
SECONDS_MAX: Final = 5.0
ONE: Final = Prepared("SELECT 1", (), {})
SLOW: Final = Prepared("SELECT pg_sleep(30)", (), {})
MOMENTS: Final = 40
MOMENT_SECONDS: Final = 0.0003
"""All of them together are longer than a settle takes on a machine that has time."""


@asynccontextmanager
async def shop_with(settings: DatabaseSettings) -> AsyncIterator[PostgresWorld]:
    database = Database.connect(settings)
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock(code())
    yield world
    await database.close()


@asynccontextmanager
async def held(url: str, payment: Payment) -> AsyncIterator[None]:
    """Somebody keeps a lock on the payment's row."""
    holder = await asyncpg.connect(url)
    try:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM payment WHERE id = $1 FOR UPDATE", payment.id)
            yield
    finally:
        await holder.close()


async def works(world: PostgresWorld) -> bool:
    return len(await world.database.fetch(ONE)) == 1


async def sold_once(world: PostgresWorld, payment: Payment) -> bool:
    """Whether the whole of one sale stands there, once."""
    return await world.rows(
        "SELECT p.state, p.redemption,"
        " (SELECT count(*) FROM enrolment WHERE payment_id = p.id),"
        " (SELECT count(*) FROM outbox WHERE payment_id = p.id),"
        " (SELECT count(*) FROM audit_log WHERE subject = p.id AND action = 'payment.moved')"
        " FROM payment p WHERE id = $1",
        payment.id,
    ) == [("success", "committed", 1, 1, 1)]


async def untouched(world: PostgresWorld, payment: Payment) -> bool:
    """Whether nothing of a sale stands there."""
    return await world.rows(
        "SELECT p.state, p.redemption,"
        " (SELECT count(*) FROM enrolment WHERE payment_id = p.id),"
        " (SELECT count(*) FROM outbox WHERE payment_id = p.id),"
        " (SELECT count(*) FROM audit_log WHERE subject = p.id AND action = 'payment.moved')"
        " FROM payment p WHERE id = $1",
        payment.id,
    ) == [("pending", "reserved", 0, 0, 0)]


async def charged(world: PostgresWorld, name: str = "Asha") -> tuple[Payment, OrderFacts]:
    payment = await world.initiate(wanted(student(name), code=CODE))
    world.gateway.pay(payment.id)
    return payment, await world.read_order(payment.id, payment.student.id)


async def test_a_slow_statement_is_given_up(database_url: str) -> None:
    """
    The server ends it; the connection was not at fault and serves the next one.
    """
    settings = DatabaseSettings(url=database_url, pool_size=1, statement_timeout=SHORT)
    async with shop_with(settings) as world, asyncio.timeout(SECONDS_MAX):
        before = await world.value("SELECT pg_backend_pid()")
        with pytest.raises(StorageUnavailable):
            await world.database.fetch(SLOW)

        assert await world.value("SELECT pg_backend_pid()") == before


async def test_a_held_lock_is_not_waited_for_long(database_url: str) -> None:
    """
    The settle is refused whole; when the lock is gone the same facts are settled.
    """
    settings = DatabaseSettings(url=database_url, pool_size=1, lock_timeout=SHORT)
    async with shop_with(settings) as world, asyncio.timeout(SECONDS_MAX):
        payment, facts = await charged(world)
        async with held(database_url, payment):
            with pytest.raises(StorageUnavailable):
                await world.apply(facts, BY_CALLBACK)
            assert await untouched(world, payment)

        await world.apply(facts, BY_CALLBACK)
        assert await sold_once(world, payment)


async def test_a_pool_with_nothing_left_says_so_in_time(database_url: str) -> None:
    """
    Nobody queues for ever behind requests that are slow; afterwards all is well.
    """
    settings = DatabaseSettings(url=database_url, pool_size=2, pool_timeout=SHORT)
    async with shop_with(settings) as world, asyncio.timeout(SECONDS_MAX):
        async with world.database.borrow(), world.database.borrow():
            with pytest.raises(StorageUnavailable):
                await world.database.fetch(ONE)

        assert await works(world)


async def test_one_who_leaves_while_waiting_leaves_nothing_half_done(database_url: str) -> None:
    """
    The student's connection drops while the unit waits for a lock: the whole unit goes with it.
    """
    async with shop_with(DatabaseSettings(url=database_url, pool_size=1)) as world:
        payment, facts = await charged(world)
        async with held(database_url, payment):
            leaving = asyncio.create_task(world.apply(facts, BY_CALLBACK))
            await until(STUCK, database_url)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            assert await untouched(world, payment)

        await world.apply(facts, BY_CALLBACK)
        assert await sold_once(world, payment)


async def test_leaving_at_any_moment_leaves_all_or_nothing(database_url: str) -> None:
    """
    Cancelled ever later: before the first statement, in it, between the two, in the second, behind it.
    """
    async with shop_with(DatabaseSettings(url=database_url, pool_size=1)) as world:
        whole = 0
        for moment in range(MOMENTS):
            payment, facts = await charged(world, f"Student-{moment}")
            leaving = asyncio.create_task(world.apply(facts, BY_CALLBACK))
            await asyncio.wait([leaving], timeout=moment * MOMENT_SECONDS)
            leaving.cancel()
            await asyncio.wait([leaving])

            sold = await sold_once(world, payment)
            whole += sold
            assert sold or await untouched(world, payment)
            await world.apply(facts, BY_CALLBACK)
            assert await sold_once(world, payment)
        assert whole < MOMENTS
        assert await world.value("SELECT used FROM discount") == MOMENTS
