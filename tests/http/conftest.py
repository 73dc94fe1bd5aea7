"""A world in memory for each test of the HTTP application."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from worlds.http import Client, HttpWorld
from worlds.settings import settings_with


@pytest.fixture
def world() -> HttpWorld:
    """A world in which nothing has happened yet."""
    return HttpWorld(settings_with())


@pytest_asyncio.fixture
async def client(world: HttpWorld) -> AsyncIterator[Client]:
    """A client of the running application, signed in as nobody."""
    async with world.serve() as client:
        yield client
