"""A Valkey of our own for the tests of the jobs, empty before each of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from entrypoints.cli.embedded import embedded_valkey
from fakes.valkey import ComingAndGoing


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest_asyncio.fixture
async def redis_url(valkey_server: str) -> AsyncIterator[str]:
    async with Redis.from_url(valkey_server) as redis:
        await redis.flushall()
    yield valkey_server


@pytest.fixture
def coming_and_going(tmp_path: Path) -> Iterator[ComingAndGoing]:
    with ExitStack() as stack:
        yield ComingAndGoing(tmp_path, stack)
