"""Events that are stored by one statement: as many round trips as it takes, and nobody fails for another."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import asyncpg
import pytest

from adapters.postgres.engine.database import Database
from adapters.postgres.queues.inbox import PostgresInbox
from contracts.storage import event
from ports.payments.inbox import EntryState

AT: Final = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)
STORED: Final = "SELECT event_id, copies FROM inbox ORDER BY event_id"
UNSTORABLE: Final = "\0"
"""No text of PostgreSQL holds it, and no event that was read does."""


async def stored(url: str) -> list[tuple[str, int]]:
    connection = await asyncpg.connect(url)
    rows = [tuple(row) for row in await connection.fetch(STORED)]
    await connection.close()
    return rows


async def test_one_that_cannot_be_stored_fails_alone(database: Database, database_url: str) -> None:
    """
    Those beside it are stored and told so.
    """
    inbox = PostgresInbox(database)
    names = ["a", "b", UNSTORABLE, "c"]

    told = await asyncio.gather(
        *(inbox.enqueue(event(name), AT) for name in names), return_exceptions=True
    )

    assert [isinstance(each, Exception) for each in told] == [False, False, True, False]
    assert await stored(database_url) == [(f"event-{name}", 1) for name in "abc"]


async def test_crowds_of_two_processes_do_not_wait_for_each_other(
    database: Database, database_url: str
) -> None:
    """
    Each has copies of the same events, in another order: all are stored, without a deadlock.
    """
    names = [f"{number:02}" for number in range(30)]
    first, second = PostgresInbox(database), PostgresInbox(database)
    for _ in range(5):
        await asyncio.gather(
            *(first.enqueue(event(name), AT) for name in names),
            *(second.enqueue(event(name), AT) for name in reversed(names)),
        )

    assert await stored(database_url) == [(f"event-{name}", 10) for name in names]


@pytest.mark.parametrize("others", [0, 3])
async def test_what_is_too_long_is_not_cut(
    database: Database, database_url: str, others: int
) -> None:
    """
    Neither alone nor among others: an id that is cut would be another's.
    """
    inbox = PostgresInbox(database)
    names = [*(f"{number}" for number in range(others)), "x" * 200]

    *told, refused = await asyncio.gather(
        *(inbox.enqueue(event(name), AT) for name in names), return_exceptions=True
    )

    assert isinstance(refused, asyncpg.StringDataRightTruncationError)
    assert told == [EntryState.NEW] * others
    assert len(await stored(database_url)) == others
