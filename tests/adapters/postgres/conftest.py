"""
Empty databases on every PostgreSQL that is supported, for tests that make the schema themselves.

And books with a few payments, for tests that damage them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Final

import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres import schema
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.invariants.invariants import PostgresInvariants
from books import PLANNED_ONCE
from conftest import TEMPLATE, flush_nothing, run_sql, with_database
from entrypoints.cli.embedded import embedded_postgres
from worlds.postgres import ASHA, CODE, RAVI, HandClock, PostgresWorld, code, origin, wanted

OLDEST: Final = 16
MIGRATED: Final = "shulk_on_each_version"
_numbers = count(1)


@pytest.fixture(scope="session")
def oldest_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of the oldest version that is supported."""
    with embedded_postgres(tmp_path_factory.mktemp("oldest") / "data", version=OLDEST) as url:
        asyncio.run(flush_nothing(url))
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


@pytest.fixture(scope="session")
def with_template() -> set[str]:
    """The servers that hold ``MIGRATED`` by now."""
    return set()


@pytest_asyncio.fixture
async def migrated_url(each_server: str, with_template: set[str]) -> AsyncIterator[str]:
    """The URL of a migrated database, once on each version; each server migrates one and copies it."""
    if each_server not in with_template:
        await run_sql(each_server, f"CREATE DATABASE {MIGRATED}")
        database = Database.connect(DatabaseSettings(url=with_database(each_server, MIGRATED)))
        await schema.upgrade(database.engine)
        await database.close()
        with_template.add(each_server)
    name = f"shulk_migrated_{next(_numbers)}"
    await run_sql(each_server, f"CREATE DATABASE {name} TEMPLATE {MIGRATED} STRATEGY file_copy")
    yield with_database(each_server, name)
    await run_sql(each_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def migrated(migrated_url: str) -> AsyncIterator[Database]:
    database = Database.connect(DatabaseSettings(url=migrated_url))
    yield database
    await database.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sold(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a database in which each test undoes what it did."""
    name = "shulk_sold_and_damaged"
    await run_sql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, name)
    database = Database.connect(DatabaseSettings(url=url))
    await sell(database)
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_connection(sold: str) -> AsyncIterator[Database]:
    """A pool of one connection, kept from test to test so that each statement is planned once."""
    database = Database.connect(DatabaseSettings(url=sold, pool_size=1))
    async with database.borrow() as connection:
        for setting, value in PLANNED_ONCE.items():
            await connection.driver.execute(f"SET {setting} = {value}")
        # What damages the books asks for the same: changed from test to test, it would have all planned anew.
        await connection.driver.execute("SET session_replication_role = replica")
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def invariants(one_connection: Database) -> AsyncIterator[PostgresInvariants]:
    """The books of ``sell``, on one connection whose doings are undone; units are savepoints of it."""
    async with one_connection.borrow() as connection:
        transaction = connection.driver.transaction()
        await transaction.start()
    yield PostgresInvariants(one_connection)
    await transaction.rollback()


@pytest_asyncio.fixture(loop_scope="session")
async def committed(database: Database) -> PostgresInvariants:
    """The books of ``sell`` in a database of the test's own, for what several connections do at once."""
    await sell(database)
    return PostgresInvariants(database)


async def sell(database: Database) -> None:
    """Fill books with a sale, a payment that failed, one that is open, and a webhook that was dealt with."""
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock(code())
    sold = await world.initiate(wanted(ASHA, code=CODE))
    await world.initiate(wanted(RAVI, code=CODE))
    world.gateway.pay(sold.id)
    await world.receive_webhook(*world.gateway.event(sold.id))
    await world.process_inbox()
    await world.receive_callback(world.gateway.return_fields(sold.id), origin(ASHA))
