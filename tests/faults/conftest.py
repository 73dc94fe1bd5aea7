"""Databases that can be slow, small, cut off or gone."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.database import Database, DatabaseSettings
from faults.server import Server, server_in
from faults.wire import Wire, wire_to
from races.shop import HandClock, Shop


@pytest.fixture(scope="session")
def mortal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_in(tmp_path_factory.mktemp("mortal")) as server:
        yield server


@pytest_asyncio.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with wire_to(database_url) as wire:
        yield wire


@pytest_asyncio.fixture
async def wired(wire: Wire) -> AsyncIterator[Shop]:
    """A shop with one connection, which goes through a wire that can be cut."""
    database = Database.connect(DatabaseSettings(url=wire.url, pool_size=1))
    yield Shop.open(database, FakeGateway(), HandClock())
    await database.close()
