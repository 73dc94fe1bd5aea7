"""Worlds for races: many connections, one bank, one clock, and as many processes as a test wants."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from worlds.postgres import HandClock, PostgresWorld

CROWD = 20


@pytest_asyncio.fixture
async def crowded(database_url: str) -> AsyncIterator[Database]:
    """A way to a database with a connection for each of a crowd."""
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=CROWD + 5))
    yield database
    await database.close()


@pytest.fixture
def world(crowded: Database) -> PostgresWorld:
    return PostgresWorld.open(crowded, FakeGateway(), HandClock())
