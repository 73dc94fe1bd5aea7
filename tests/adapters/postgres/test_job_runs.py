"""A slot is run once by whoever comes first, and the book of slots stays short."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.queues.job_runs import PostgresJobRuns
from adapters.postgres.queues.tables import job_run

SLOT = datetime(2026, 11, 23, 12, tzinfo=UTC)
COUNT = prepare(select(func.count().label("slots")).select_from(job_run))


async def test_the_second_claim_of_a_slot_is_too_late(database: Database) -> None:
    """
    However many schedulers ask, one is told to run.
    """
    runs = PostgresJobRuns(database)

    assert [await runs.claim("expire", SLOT) for _ in range(3)] == [True, False, False]
    assert await runs.claim("another", SLOT)


async def test_slots_of_long_ago_are_forgotten(database: Database) -> None:
    """
    A job that runs every 20 seconds for years leaves a few days of slots behind.
    """
    runs = PostgresJobRuns(database)
    for days in range(10):
        assert await runs.claim("expire", SLOT + timedelta(days=days))

    assert (await database.fetch(COUNT))[0]["slots"] == 3
