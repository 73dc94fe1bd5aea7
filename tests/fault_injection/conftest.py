"""Databases that can be slow, small, cut off or gone."""

from collections.abc import AsyncIterator, Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import ALL_TRIES, run_sql, with_database
from contracts.conftest import empty
from fault_injection.server import Server, server_in
from fault_injection.wire import Wire, wire_to
from fault_injection.world import World
from worlds.postgres import HandClock, PostgresWorld

NAME: Final = "shulk_enumeration"


@pytest.fixture(scope="session")
def mortal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_in(tmp_path_factory.mktemp("mortal")) as server:
        yield server


@pytest_asyncio.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with wire_to(database_url) as wire:
        yield wire


@pytest_asyncio.fixture
async def wired(wire: Wire) -> AsyncIterator[PostgresWorld]:
    """A world with one connection, which goes through a wire that can be cut."""
    database = Database.connect(DatabaseSettings(url=wire.url, pool_size=1))
    yield PostgresWorld.open(database, FakeGateway(), HandClock())
    await database.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def enumeration_url(postgres_server: str, migrated_template: str) -> str:
    """The URL of a migrated database that every enumeration shares: making one costs a second."""
    template = urlsplit(migrated_template).path.lstrip("/")
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {template}")
    # It is our processes that die here, not the server.
    await run_sql(postgres_server, f"ALTER DATABASE {NAME} SET synchronous_commit = off")
    return with_database(postgres_server, NAME)


@pytest_asyncio.fixture
async def world(enumeration_url: str, pytestconfig: pytest.Config) -> AsyncIterator[World]:
    """A world without a row in its database."""
    await empty(enumeration_url)
    all_tries = pytestconfig.getoption(ALL_TRIES)
    async with World.around(enumeration_url, all_tries=all_tries) as world:
        yield world
