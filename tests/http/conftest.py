"""A shop in memory for each test of the HTTP door."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.testing import AsyncTestClient

from fakes.shopfront import Shopfront, settings_with


@pytest.fixture
def shop() -> Shopfront:
    """A shop nobody has entered yet."""
    return Shopfront(settings_with())


@pytest_asyncio.fixture
async def client(shop: Shopfront) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """A client of the open shop, signed in as nobody."""
    async with shop.open() as client:
        yield client
