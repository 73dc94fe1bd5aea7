"""Real parts for the tests: one PostgreSQL per test process, a fresh migrated database per test."""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import is_hypothesis_test, settings
from sqlalchemy import delete
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from adapters.postgres import schema
from adapters.postgres.all_tables import metadata
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.queues.tables import schema_serving
from books import books_connection, check_books, keeps_books
from entrypoints.cli.embedded import embedded_postgres
from hung_tests import HungTests
from memory_folder import use_memory
from slowest_files import SlowestFiles
from traced_tests import TracedTests
from worlds.taken_containers import given_back_after

# A busy machine makes an honest law slow; the session's own time-out catches one that hangs.
settings.register_profile("shulk", deadline=None)
settings.load_profile("shulk")

REPLAYED = frozenset(
    {"architecture", "crashes", "fault_injection", "journeys", "races", "scorecard", "security"}
)
"""Folders of tests that play the same lines again and again, or none of ours: to trace them finds nothing new."""

LONG: Final = (
    *("journeys/", "cli/test_demo", "adapters/postgres/test_migrations"),
    *("contracts/payments/test_gateway_hdfc", "scorecard/test_scenarios", "fault_injection/"),
    *("cli/", "contracts/", "scorecard/", "security/", "adapters/"),
)
"""What takes a minute or two each is begun first, lest one worker be left alone with it."""

TOGETHER = ("tests/journeys/", "tests/architecture/")
"""What one worker takes as a whole: the demo that all journeys share, the sources that each rule would parse anew."""

COVERED_ELSEWHERE = (
    *("test_gateway_hdfc", "test_gateway_elsewhere", "test_migrations", "test_plans"),
    *("test_demo", "test_against_the_whole", "test_ending", "test_embedded"),
)
"""Files that mostly wait for other processes; the unit tests and the contracts trace the same lines."""

CORE = ("unit/domain", "unit/application")
"""The unit tests that have to reach every branch of the core; to trace the others costs as much and finds nothing."""

ALL_TRIES = "--all-tries"

TEMPLATE = "shulk_template"
UNFINISHED = "shulk_template_unfinished"
LENT_SERVER: Final = "SERVER_OF_THE_TESTS"
"""The variable that names a PostgreSQL for one session after another, which all leave its template as it is."""

HAS_TEMPLATE: Final = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
LEFT_OVER: Final = """
SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', current_database(), $1)
"""
NOTE_REDEFINITIONS: Final = """
CREATE SCHEMA redefined;
CREATE TABLE redefined.serving AS SELECT version_num, oldest, newest FROM alembic_version, schema_serving;
CREATE TABLE redefined.command (tag text);
CREATE FUNCTION redefined.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('redefined.command') IS NOT NULL THEN
        INSERT INTO redefined.command VALUES (tg_tag);
    END IF;
END $$;
CREATE EVENT TRIGGER redefined ON ddl_command_end EXECUTE FUNCTION redefined.note();
ALTER EVENT TRIGGER redefined ENABLE ALWAYS;
"""
"""Each command of a test that changes tables, rules or triggers leaves a row; such a database is not lent again."""

WAS_REDEFINED: Final = (
    "SELECT EXISTS (TABLE redefined.command)"
    " OR (SELECT ROW(version_num, oldest, newest)::text FROM alembic_version, schema_serving)"
    " IS DISTINCT FROM (SELECT ROW(version_num, oldest, newest)::text FROM redefined.serving)"
)
OTHERS_LEAVE: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
EMPTY: Final = ";".join(
    (
        # As a replica, so that the guards of the audit log and of the registers let the rows go.
        "SET session_replication_role = replica",
        *(str(delete(table)) for table in metadata.sorted_tables if table is not schema_serving),
        "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence",
    )
)
"""Deletes every row of ours but the one that tells the schema, and counts from one again."""

_numbers = count(1)


def with_database(url: str, name: str) -> str:
    """Return *url* for the database *name* of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def run_sql(url: str, sql: str, **settings: str) -> None:
    """Run one statement outside any transaction, with *settings* of PostgreSQL's."""
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def suite_of(test: Path) -> str:
    """Return the folder of ``tests`` that *test* lies in, however deep."""
    return _place_of(test).partition("/")[0]


@cache
def _place_of(test: Path) -> str:
    """Return where the file *test* stands in ``tests``; it is asked several times for each of its tests."""
    return test.relative_to(Path(__file__).parent).as_posix()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the scorecard's races be tried as often as its page says, and every fault at every moment."""
    parser.addoption(ALL_TRIES, action="store_true", help="try each race and each fault in full")


def pytest_configure(config: pytest.Config) -> None:
    """Work in memory, and tell at the end which files took longest, and where a worker hung."""
    use_memory()
    config.pluginmanager.register(SlowestFiles())
    config.pluginmanager.register(HungTests())
    config.pluginmanager.register(TracedTests())
    # Thousands of short tests make little garbage in cycles; to look for it less often saves a tenth.
    gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """Leave the tests and what they are about, which stay to the end, out of every later collection."""
    gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    """
    Give each route that schemathesis tries a test by a name of its own.

    What is replayed, by enumeration or by hypothesis, is left out of the coverage, which the tests that
    name their cases have to reach alone.
    """
    label: str | None = getattr(item, "operation_label", None)
    if label is not None and item.id.params is None:
        # The plugin names its items so, but pytest 9.2 makes the name anew and leaves that out.
        item._id = item.id.with_params(label)
    if _is_replayed(item):
        item.add_marker(pytest.mark.no_cover)


def _is_replayed(item: pytest.Item) -> bool:
    place = _place_of(item.path)
    return (
        suite_of(item.path) in REPLAYED
        or item.path.stem.startswith(COVERED_ELSEWHERE)
        or (place.startswith("unit/") and not place.startswith(CORE))
        or is_hypothesis_test(getattr(item, "obj", None))
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Refuse two tests under one name: where several workers share the tests, one would run for both.

    The longest files come first.
    """
    counted = Counter(item.nodeid for item in items)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise pytest.UsageError(f"more than one test is called {', '.join(twice)}")
    items.sort(key=lambda item: _turn(_place_of(item.path)))


class _ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Give a worker a file at a time, but the suites of ``TOGETHER`` whole."""

    def _split_scope(self, nodeid: str) -> str:
        suites = (suite for suite in TOGETHER if nodeid.startswith(suite))
        return next(suites, None) or super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Share out the tests our way where they are shared out by file."""
    return _ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


def _turn(place: str) -> int:
    return next((turn for turn, long in enumerate(LONG) if place.startswith(long)), len(LONG))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL of our own, ended with the session, or of one that is lent by ``make mutants``."""
    if server := os.environ.get(LENT_SERVER):
        asyncio.run(drop_leftovers(server))
        asyncio.run(flush_nothing(server))
        yield server
        return
    folder: Path = tmp_path_factory.mktemp("postgres")
    with embedded_postgres(folder / "data") as url:
        asyncio.run(flush_nothing(url))
        yield url


async def flush_nothing(server: str) -> None:
    """Let *server* leave its writes to the system, which outlives any process that a test kills."""
    for setting in ("fsync = off", "full_page_writes = off"):
        await run_sql(server, f"ALTER SYSTEM SET {setting}")
    await run_sql(server, "SELECT pg_reload_conf()")


async def drop_leftovers(server: str) -> None:
    """Drop what earlier sessions have left at *server*, all but the template that none of them has touched."""
    connection = await asyncpg.connect(server)
    try:
        for row in await connection.fetch(LEFT_OVER, TEMPLATE):
            await connection.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")
    finally:
        await connection.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_template(postgres_server: str) -> str:
    """
    The URL of a migrated, empty database that others are copied from.

    The passes that the migrations plan for tomorrow are taken out too: a database that is lent for the first
    time would differ from one that is lent again, and a test would depend on its turn.
    """
    if not await _has_template(postgres_server):
        await run_sql(postgres_server, f"CREATE DATABASE {UNFINISHED}")
        url = with_database(postgres_server, UNFINISHED)
        database = Database.connect(DatabaseSettings(url=url))
        await schema.upgrade(database.engine)
        await database.close()
        await run_sql(url, EMPTY)
        await run_sql(url, NOTE_REDEFINITIONS)
        await run_sql(postgres_server, f"ALTER DATABASE {UNFINISHED} RENAME TO {TEMPLATE}")
    return with_database(postgres_server, TEMPLATE)


async def _has_template(server: str) -> bool:
    connection = await asyncpg.connect(server)
    try:
        return bool(await connection.fetchval(HAS_TEMPLATE, TEMPLATE))
    finally:
        await connection.close()


@dataclass(slots=True, eq=False)
class LentDatabase:
    """
    A migrated database that one test after another uses, and our own connection to it.

    The connection is kept: a new one for each check would cost more than most tests.
    """

    url: str
    _kept: "asyncpg.Connection[Any] | None" = None

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    async def connection(self) -> "asyncpg.Connection[Any]":
        """Return our connection, made anew where the test has ended it."""
        if self._kept is not None:
            try:
                await self._kept.execute("SELECT 1")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._kept.terminate()
                self._kept = None
        if self._kept is None:
            self._kept = await books_connection(self.url)
        return self._kept

    async def taken_back(self) -> bool:
        """Delete all rows, and return whether the next test gets the database as this one did."""
        connection = await self.connection()
        await connection.execute(OTHERS_LEAVE)
        if await _was_redefined(connection):
            await self.close()
            return False
        await connection.execute(EMPTY)
        return True

    async def close(self) -> None:
        if self._kept is not None:
            await self._kept.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def spare_databases() -> AsyncIterator[list[LentDatabase]]:
    """Migrated databases that a test used and gave back as it got them but for their rows."""
    spare: list[LentDatabase] = []
    yield spare
    for each in spare:
        await each.close()


@pytest_asyncio.fixture(loop_scope="session")
async def database_url(
    postgres_server: str,
    migrated_template: str,
    spare_databases: list[LentDatabase],
    request: pytest.FixtureRequest,
) -> AsyncIterator[str]:
    """
    The URL of a migrated database without a row, that nobody else uses; its books are checked after the test.

    One that no test has changed but by its rows is emptied and lent again: making one takes far longer.
    """
    lent = (
        spare_databases.pop()
        if spare_databases
        else LentDatabase(await _copied(postgres_server, migrated_template))
    )
    with given_back_after():
        yield lent.url
    try:
        if keeps_books(request.path):
            await check_books(await lent.connection())
    finally:
        if await lent.taken_back():
            spare_databases.append(lent)
        else:
            await run_sql(postgres_server, f"DROP DATABASE {lent.name} WITH (FORCE)")


async def _copied(server: str, template: str) -> str:
    name = f"shulk_{next(_numbers)}"
    how = f"TEMPLATE {urlsplit(template).path.lstrip('/')} STRATEGY file_copy"
    create = f"CREATE DATABASE {name} {how}"
    try:
        await run_sql(server, create, file_copy_method="clone")
    except asyncpg.PostgresError:
        # The system, or how PostgreSQL was built, cannot have the kernel copy.
        await run_sql(server, create)
    return with_database(server, name)


async def _was_redefined(connection: "asyncpg.Connection[Any]") -> bool:
    """Whether a test changed more than rows: tables, rules, triggers, or what we note that with."""
    try:
        return bool(await connection.fetchval(WAS_REDEFINED))
    except asyncpg.PostgresError:
        return True


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A way to a migrated database that nobody else uses."""
    database = Database.connect(DatabaseSettings(url=database_url))
    yield database
    await database.close()
