"""Behind a pooler in transaction mode everything works: payments, time limits, migrations and returns."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text

from adapters.fake.gateway import FakeGateway
from adapters.postgres import schema
from adapters.postgres.documents.document_period import PostgresDocumentPeriods
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.engine.statements import prepare
from adapters.postgres.invariants.invariants import PostgresInvariants
from application.monitoring.check_invariants import CheckInvariants
from conftest import run_sql
from domain.gst_returns.return_period import ReturnPeriod
from fakes.documents.issued import a_company
from pooler.conftest import behind_a_pooler
from ports.unit_of_work import StorageUnavailable
from races.issuing import issuing_on
from worlds.postgres import KARNATAKA, HandClock, PostgresWorld, origin, student, wanted

STUDENTS: Final = 100
SLEEP: Final = prepare(text("SELECT pg_sleep(20)"))


@pytest_asyncio.fixture
async def database(pooled_url: str) -> AsyncIterator[Database]:
    database = Database.connect(behind_a_pooler(pooled_url))
    yield database
    await database.close()


async def test_all_payments_succeed(database: Database, pooled_url: str) -> None:
    """
    More clients than server connections, in two processes' pools: each payment is sold and invoiced.
    """
    other = Database.connect(behind_a_pooler(pooled_url))
    worlds = [PostgresWorld.open(each, FakeGateway(), HandClock()) for each in (database, other)]
    await worlds[0].stock()

    async def pays(number: int) -> str:
        world, who = worlds[number % 2], student(f"Student{number}")
        payment = await world.initiate(wanted(who))
        world.gateway.pay(payment.id)
        await world.receive_callback(world.gateway.return_fields(payment.id), origin(who))
        await issuing_on(world.database, KARNATAKA)(payment.id)
        return await world.state_of(payment.id)

    try:
        states = await asyncio.gather(*(pays(number) for number in range(STUDENTS)))
    finally:
        await other.close()

    assert states == ["success"] * STUDENTS
    found = await CheckInvariants(PostgresInvariants(database), HandClock())()
    assert (found.broken, found.unchecked) == ([], [])


async def test_a_month_is_read_through_a_cursor(database: Database) -> None:
    """
    On one server connection and one snapshot, more than once.
    """
    seller, period = a_company().gstin, ReturnPeriod.parse("2026-08")
    for _ in range(4):
        async with PostgresDocumentPeriods(database)(seller, period) as month:
            assert [each async for each in month.documents()] == []


async def test_time_limits_hold(pooled_url: str) -> None:
    """
    Of each statement: the server ends it, and the connection serves the next one.
    """
    limited = replace(behind_a_pooler(pooled_url), statement_timeout=timedelta(milliseconds=200))
    database = Database.connect(limited)
    try:
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match="QueryCanceledError"):
                await database.fetch(SLEEP)
        assert await schema.problem_with(database.engine) is None
    finally:
        await database.close()


async def test_the_schema_is_made_through_it(database: Database, database_url: str) -> None:
    """
    In one transaction, under a lock that ends with it.
    """
    await run_sql(database_url, "DROP SCHEMA public CASCADE")
    await run_sql(database_url, "CREATE SCHEMA public")

    await schema.upgrade(database.engine)

    assert await schema.problem_with(database.engine) is None


async def test_a_pooler_that_no_setting_names_is_refused_by_name(
    pooled_url: str, pooled_url_without_parameters: str
) -> None:
    """
    Whether it refuses the parameters of a session or takes them for nothing.
    """
    for url in (pooled_url, pooled_url_without_parameters):
        unnamed = Database.connect(DatabaseSettings(url=url))
        try:
            with pytest.raises(schema.SchemaUnknown, match="SHULK_DATABASE_POOLER=transaction"):
                await schema.require_known(unnamed.engine)
        finally:
            await unnamed.close()


async def test_without_a_transaction_statements_meet_other_servers(pooled_url: str) -> None:
    """
    The pooler of these tests can tell the difference: the driver's usual way fails behind it.
    """
    clients = [await asyncpg.connect(pooled_url, statement_cache_size=100) for _ in range(4)]
    found = await asyncio.gather(
        *(each.fetch(f"SELECT {n % 5}") for n in range(40) for each in (clients[n % 4],)),
        return_exceptions=True,
    )
    for each in clients:
        await each.close()

    assert any(isinstance(each, Exception) for each in found)
