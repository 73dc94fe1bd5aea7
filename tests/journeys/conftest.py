"""What a journey starts from: a whole that runs, seen from outside by one client per test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from books import check_books
from conftest import run_sql, with_database
from journeys.api_clients import Shop
from journeys.demo import Demonstration, demonstration
from journeys.deployment import House, Neighbours, migrate, neighbours, new_house
from journeys.page_visits import shop_in, shop_in_demo


@pytest.fixture(scope="session")
def demo() -> Iterator[Demonstration]:
    """``shulk demo --announce FILE``, once for all journeys."""
    with demonstration() as shown:
        yield shown


@pytest.fixture(scope="session")
def told(demo: Demonstration) -> dict[str, Any]:
    """What the demo announced."""
    return demo.told


@pytest.fixture(scope="session")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    """A bank and a mail server for houses of our own."""
    with neighbours(tmp_path_factory.mktemp("neighbours")) as standing:
        yield standing


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def own_database(postgres_server: str) -> AsyncIterator[str]:
    """An empty database for the house that all tests share, its books checked when all is over."""
    await run_sql(postgres_server, "CREATE DATABASE shulk_house")
    url = with_database(postgres_server, "shulk_house")
    yield url
    await check_books(url)


@pytest.fixture(scope="session")
def house(
    tmp_path_factory: pytest.TempPathFactory, around: Neighbours, own_database: str
) -> Iterator[House]:
    """API and worker by settings of our own: no Redis, a seller in a union territory."""
    built = new_house(tmp_path_factory.mktemp("house"), around, own_database)
    migrate(built)
    with built.processes("serve", "worker"):
        yield built


@pytest.fixture
def empty_house(tmp_path: Path, around: Neighbours, database_url: str) -> House:
    """A house with a migrated database of its own, in which nothing runs yet."""
    return new_house(tmp_path, around, database_url)


@pytest_asyncio.fixture
async def shop(told: dict[str, Any]) -> AsyncIterator[Shop]:
    async with shop_in_demo(told) as view:
        yield view


@pytest_asyncio.fixture
async def own_shop(house: House) -> AsyncIterator[Shop]:
    async with shop_in(house) as view:
        yield view
