"""One database for all contracts of a process, emptied for each test: making one costs a second."""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import pytest_asyncio

from adapters.postgres.engine.database import Database, DatabaseSettings
from conftest import EMPTY, run_sql, with_database

NAME: Final = "shulk_contracts"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def contracts_url(postgres_server: str, migrated_template: str) -> str:
    """The URL of a migrated database that the contracts share."""
    template = urlsplit(migrated_template).path.lstrip("/")
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {template}")
    # What is asked here is what is kept, not whether it outlives a power cut.
    await run_sql(postgres_server, f"ALTER DATABASE {NAME} SET synchronous_commit = off")
    return with_database(postgres_server, NAME)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kept_open(contracts_url: str) -> AsyncIterator[Database]:
    """One pool for all tests: a new connection would plan every statement of each test anew."""
    database = Database.connect(DatabaseSettings(url=contracts_url))
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def emptied(kept_open: Database) -> Database:
    """A way to a migrated database without a row in it, for tests that run in the session's loop."""
    async with kept_open.borrow() as connection:
        await connection.driver.execute(f"{EMPTY}; RESET session_replication_role")
    return kept_open


async def empty(url: str) -> None:
    """Delete every row of ours."""
    await run_sql(url, EMPTY)
