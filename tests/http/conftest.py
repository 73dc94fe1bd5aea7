"""A shop in memory for each test of the HTTP door."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from worlds.http import Client, HttpWorld
from worlds.settings import settings_with


@pytest.fixture
def shop() -> HttpWorld:
    """A shop nobody has entered yet."""
    return HttpWorld(settings_with())


@pytest_asyncio.fixture
async def client(shop: HttpWorld) -> AsyncIterator[Client]:
    """A client of the open shop, signed in as nobody."""
    async with shop.open() as client:
        yield client
