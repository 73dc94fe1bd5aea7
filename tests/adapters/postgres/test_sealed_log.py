"""The seal on PostgreSQL: what may be sealed and when, what is erased, and what a restored database goes on with."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.privacy.personal_records import PostgresPersonalRecords
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from application.audit.verify_trail import TrailFound, VerifyTrail
from conftest import run_sql
from contracts.privacy.personal_records_contract import (
    LATER,
    LONG_AGO,
    STUDENT,
    a_lapsed,
    an_act,
)
from domain.audit.trail import TrailBroken
from domain.privacy.erasure import plan_erasure
from fakes.audit.sealing import CHECK_NOTE, seal

ENTRY: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts)
    SELECT now(), 'bank', 'poll', 'a', $1::text, '192.0.2.1', 'curl', '', '{"a": "b"}'
"""
FROM_BEFORE: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts, tx)
    SELECT now(), 'bank', 'poll', 'a', 'old' || n, '', '', '', '{}', NULL FROM generate_series(1, 3) n
"""
ORDER: Final = """
    SELECT a.subject FROM audit_leaf l JOIN audit_log a ON a.id = l.audit_id ORDER BY l.leaf_index
"""
ERASE: Final = "UPDATE audit_log SET ip = '', user_agent = '' WHERE subject = 'one'"
SEALERS: Final = 6
ENTRIES: Final = 40
SECONDS_MAX: Final = 30


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=SEALERS + 1))
    yield database
    await database.close()


@pytest.fixture
def log(database: Database) -> PostgresSealedLog:
    return PostgresSealedLog(database)


async def write(url: str, *subjects: str) -> None:
    connection = await asyncpg.connect(url)
    for each in subjects:
        await connection.execute(ENTRY, each)
    await connection.close()


async def order(database: Database) -> list[str]:
    async with database.borrow() as connection:
        return [row["subject"] for row in await connection.driver.fetch(ORDER)]


async def verify(log: PostgresSealedLog) -> TrailFound:
    return await VerifyTrail(log, CHECK_NOTE)()


async def test_an_entry_waits_for_all_that_can_come_before_it(
    log: PostgresSealedLog, database: Database, database_url: str
) -> None:
    """
    A transaction that is still open holds its place: what began later is sealed after it.
    """
    slow = await asyncpg.connect(database_url)
    open_ = slow.transaction()
    await open_.start()
    await slow.execute(ENTRY, "slow")
    await write(database_url, "fast")

    assert await seal(log)() == 0
    await open_.commit()
    await slow.close()
    assert await seal(log)() == 2
    assert await order(database) == ["slow", "fast"]
    assert await verify(log) == TrailFound(size=2, anchored=0)


async def test_entries_from_before_are_sealed_first(
    log: PostgresSealedLog, database: Database, database_url: str
) -> None:
    """
    In the order of their numbers, batch by batch; one that appears among them later is found.
    """
    await run_sql(database_url, FROM_BEFORE)
    await write(database_url, "new")

    assert [await seal(log)(), await seal(log)(), await seal(log)()] == [3, 1, 0]
    assert await order(database) == ["old1", "old2", "old3", "new"]
    await run_sql(database_url, FROM_BEFORE)
    with pytest.raises(TrailBroken, match="inserted"):
        await verify(log)


async def test_a_restored_database_goes_on(
    log: PostgresSealedLog, database: Database, database_url: str
) -> None:
    """
    A dump keeps the numbers of transactions that the new server has not come to. None is lost or sealed twice.
    """
    await write(database_url, "one", "two", "three")
    await run_sql(
        database_url,
        "SET session_replication_role = replica;"
        "UPDATE audit_log SET tx = tx + 1000000000; RESET session_replication_role",
    )
    await write(database_url, "four")

    sealed = [await seal(log)() for _ in range(4)]
    await write(database_url, "five")
    sealed += [await seal(log)(), await seal(log)()]

    assert sealed == [3, 1, 0, 0, 1, 0]
    assert await order(database) == ["one", "two", "three", "four", "five"]
    assert await verify(log) == TrailFound(size=5, anchored=0)


async def test_an_address_can_be_erased_and_nothing_else(
    log: PostgresSealedLog, database_url: str
) -> None:
    """
    With its salt gone the line is still proved; an address emptied while its salt is there is a changed line.
    """
    await write(database_url, "one")
    await seal(log)()
    for refused in (
        "UPDATE audit_log SET ip = '192.0.2.2', user_agent = ''",
        "UPDATE audit_log SET ip = '', user_agent = '', actor = 'nobody'",
        "DELETE FROM audit_log",
        "UPDATE audit_leaf SET audit_id = 9",
        "DELETE FROM audit_checkpoint",
        "TRUNCATE audit_leaf",
    ):
        with pytest.raises(asyncpg.PostgresError, match="only ever added to"):
            await run_sql(database_url, refused)

    await run_sql(database_url, ERASE)
    with pytest.raises(TrailBroken):
        await verify(log)
    await run_sql(database_url, "DELETE FROM audit_origin")
    assert await verify(log) == TrailFound(size=1, anchored=0)


async def test_a_student_is_erased_and_the_log_is_whole(
    log: PostgresSealedLog, database: Database
) -> None:
    """
    Where the student's old requests came from is gone with its salts, and each line is proved as before.
    """
    mine = a_lapsed()
    unit_of_work = PostgresUnitOfWork(database)
    async with unit_of_work() as work:
        work.payments.repository.add(mine)
        for days in (LONG_AGO, 399):
            work.audit.add(an_act(mine.id, days))
    assert await seal(log)() == 2
    records = PostgresPersonalRecords(database)
    plan = plan_erasure(STUDENT, await records.payments_of(STUDENT), LATER)

    counts = await records.erase(plan, lambda _: an_act(mine.id, 400))

    assert counts.addresses == 1
    ips = [each.ip for each in (await records.everything_of(STUDENT)).facts]
    assert ips == ["", "192.0.2.7", "192.0.2.7"]
    assert await verify(log) == TrailFound(size=2, anchored=0)


async def test_many_sealers_that_are_cut_off_seal_everything_once(
    log: PostgresSealedLog, database: Database, database_url: str
) -> None:
    """
    They meet, and are ended at each of their steps in turn, while entries are written: nothing lost, nothing twice.
    """

    async def sell() -> None:
        for number in range(ENTRIES):
            await write(database_url, str(number))

    async def cut_off(steps: int) -> None:
        sealing = asyncio.create_task(seal(log)())
        for _ in range(steps):
            await asyncio.sleep(0)
        sealing.cancel()
        await asyncio.wait([sealing])

    async with asyncio.timeout(SECONDS_MAX):
        selling = asyncio.create_task(sell())
        steps = 0
        while not selling.done():
            await asyncio.gather(*(cut_off(steps + each) for each in range(2)))
            await asyncio.gather(*(seal(log)() for _ in range(2)))
            steps = (steps + 1) % 200
        await selling
        while await seal(log)():
            pass

    assert await order(database) == [str(number) for number in range(ENTRIES)]
    assert await verify(log) == TrailFound(size=ENTRIES, anchored=0)
