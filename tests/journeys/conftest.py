"""What a journey starts from: a whole that runs, seen from outside by one client per test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from books import check_books
from conftest import run_sql, with_database
from worlds.processes.api_clients import ProcessWorld
from worlds.processes.demo import Demonstration, demonstration
from worlds.processes.deployment import (
    Deployment,
    OutsideServices,
    migrate,
    new_deployment,
    outside_services,
)
from worlds.processes.process_world import world_of, world_of_demo


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
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideServices]:
    """A bank and a mail server for deployments of our own."""
    with outside_services(tmp_path_factory.mktemp("outside_services")) as standing:
        yield standing


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def own_database(postgres_server: str) -> AsyncIterator[str]:
    """An empty database for the deployment that all tests share, its books checked when all is over."""
    await run_sql(postgres_server, "CREATE DATABASE shulk_journeys")
    url = with_database(postgres_server, "shulk_journeys")
    yield url
    connection = await asyncpg.connect(url)
    try:
        await check_books(connection)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def deployment(
    tmp_path_factory: pytest.TempPathFactory, around: OutsideServices, own_database: str
) -> Iterator[Deployment]:
    """API and worker by settings of our own: no Redis, a seller in a union territory."""
    built = new_deployment(tmp_path_factory.mktemp("deployment"), around, own_database)
    migrate(built)
    with built.processes("serve", "worker"):
        yield built


@pytest.fixture
def empty_deployment(tmp_path: Path, around: OutsideServices, database_url: str) -> Deployment:
    """A deployment with a migrated database of its own, in which nothing runs yet."""
    return new_deployment(tmp_path, around, database_url)


@pytest_asyncio.fixture
async def world(told: dict[str, Any]) -> AsyncIterator[ProcessWorld]:
    async with world_of_demo(told) as view:
        yield view


@pytest_asyncio.fixture
async def own_world(deployment: Deployment) -> AsyncIterator[ProcessWorld]:
    async with world_of(deployment) as view:
        yield view
