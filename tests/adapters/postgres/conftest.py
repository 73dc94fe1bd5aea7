"""Empty databases on every PostgreSQL that is supported, for tests that make the schema themselves."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Final

import pytest
import pytest_asyncio

from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import run_sql, with_database
from entrypoints.cli.embedded import embedded_postgres

OLDEST: Final = 16
_numbers = count(1)


@pytest.fixture(scope="session")
def oldest_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of the oldest version that is supported."""
    with embedded_postgres(tmp_path_factory.mktemp("oldest") / "data", version=OLDEST) as url:
        yield url


@pytest.fixture(params=["newest", "oldest"])
def each_server(request: pytest.FixtureRequest) -> str:
    name = "postgres_server" if request.param == "newest" else "oldest_server"
    url: str = request.getfixturevalue(name)
    return url


@pytest_asyncio.fixture
async def empty_url(each_server: str) -> AsyncIterator[str]:
    """The URL of a database without a schema, once on each version."""
    name = f"shulk_empty_{next(_numbers)}"
    await run_sql(each_server, f"CREATE DATABASE {name}")
    yield with_database(each_server, name)
    await run_sql(each_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    database = Database.connect(DatabaseSettings(url=empty_url))
    yield database
    await database.close()
