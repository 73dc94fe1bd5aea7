"""The ledger under many hands: facts posted once while the back-fill runs, and no posting in a closed period."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.ledger.ledger_backfill import PostgresLedgerBackfill
from adapters.postgres.ledger.ledger_periods import PostgresLedgerPeriods
from domain.business_day import business_day_of
from ports.audit_log import AuditEntry
from worlds.postgres import BY_STAFF, NOON, HandClock, PostgresWorld, student, wanted

CROWD: Final = 12
TODAY: Final = business_day_of(NOON)
CLOSING: Final = AuditEntry(at=NOON, origin=BY_STAFF, action="ledger.closed", subject="ledger")
HELD: Final = """
    WITH j AS (
        INSERT INTO journal (kind, subject, sequence, fact_date, business_date, posted_at)
        VALUES ('match', 'X1', 1, $1, $1, $2) RETURNING id, business_date)
    INSERT INTO entry (journal_id, line, business_date, account, amount_paise)
    SELECT j.id, line, business_date, account, paise
    FROM j, (VALUES (1, 'cb_loss', 100), (2, 'writeoff', -100)) e (line, account, paise)
"""
WAITING: Final = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'journal'::regclass"
)


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[PostgresWorld]:
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=CROWD + 4))
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    yield world
    await database.close()


async def test_the_back_fill_and_the_sales_post_each_fact_once(world: PostgresWorld) -> None:
    """
    Half the sales have lost their journals, the other half are being made: each has one in the end.
    """
    for number in range(CROWD):
        await world.paid_payment(student(f"Before{number}"))
    async with world.database.borrow() as connection:
        await connection.driver.execute("SET session_replication_role = replica")
        await connection.driver.execute("DELETE FROM entry; DELETE FROM journal")
        await connection.driver.execute("RESET session_replication_role")
    backfill = PostgresLedgerBackfill(world.database)
    await backfill.begin(NOON)
    opened = [await world.initiate(wanted(student(f"Now{number}"))) for number in range(CROWD)]

    async def sell(number: int) -> None:
        payment = opened[number]
        world.gateway.pay(payment.id)
        await world.apply(await world.read_order(payment.id, payment.student.id), BY_STAFF)

    async def post() -> None:
        while await backfill.unfinished():
            await backfill.batch(NOON, at_most=3)

    async with asyncio.timeout(60):
        await asyncio.gather(post(), post(), *(sell(number) for number in range(CROWD)))

    assert await world.value("SELECT count(*) FROM journal WHERE kind = 'capture'") == 2 * CROWD
    assert await world.value("SELECT count(DISTINCT subject) FROM journal") == 2 * CROWD


async def test_a_period_closes_after_what_is_being_posted(world: PostgresWorld) -> None:
    """
    The closing waits for a posting under way; one that comes meanwhile waits for the closing, and is
    posted on the first open day.
    """
    periods = PostgresLedgerPeriods(world.database)
    payment = await world.initiate(wanted(student("Asha")))
    world.gateway.pay(payment.id)
    facts = await world.read_order(payment.id, payment.student.id)
    async with world.database.borrow() as connection:
        async with connection.driver.transaction():
            await connection.driver.execute(HELD, TODAY, NOON)
            closing = asyncio.create_task(periods.close(TODAY, CLOSING))
            await until_waiting(world, 1)
            late = asyncio.create_task(world.apply(facts, BY_STAFF))
            await until_waiting(world, 2)
        await asyncio.gather(closing, late)

    assert await periods.closed_through() == TODAY
    assert await world.rows("SELECT kind, business_date FROM journal ORDER BY kind") == [
        ("capture", TODAY + timedelta(days=1)),
        ("match", TODAY),
    ]


async def until_waiting(world: PostgresWorld, count: int) -> None:
    """Return when so many statements wait for the journals."""
    async with asyncio.timeout(30):
        while await world.value(WAITING) < count:
            # Each look is a round trip, so that others have their turn.
            continue


async def test_two_who_close_at_once_close_once(world: PostgresWorld) -> None:
    """
    The slower one is told.
    """
    periods = PostgresLedgerPeriods(world.database)

    ends = await asyncio.gather(
        *(periods.close(TODAY, CLOSING) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "PeriodClosed"]
    assert await world.value("SELECT count(*) FROM audit_log WHERE action = 'ledger.closed'") == 1
