"""Migrations of the schema, and the check that the database has this version's schema."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.postgres.engine.database import DRIVER, FOR_MIGRATIONS, LIMIT_PROMISED
from ports.unit_of_work import StorageUnavailable

MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEAD: Final = "head"
AWAY: Final = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


POOLER_REMEDY: Final = "set SHULK_DATABASE_POOLER=transaction, or connect to PostgreSQL itself"


class SchemaUnknown(Exception):
    """The database's schema is not this version's; the message says which command to run."""


def config_for(connection: Connection | None = None, migrations: Path = MIGRATIONS) -> Config:
    """Return alembic's configuration, made in code and not read from a file."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    return config


@cache
def revisions(migrations: Path = MIGRATIONS) -> Sequence[str]:
    """Return every revision, oldest first; the files are read once."""
    scripts = ScriptDirectory.from_config(config_for(migrations=migrations))
    return tuple(script.revision for script in scripts.walk_revisions())[::-1]


async def upgrade(engine: AsyncEngine, to: str = HEAD, *, migrations: Path = MIGRATIONS) -> None:
    """
    Bring the database forward to revision *to*; processes that call it at once take turns.

    Where others may serve on it already, each step is a transaction of its own: a step that waits for
    one table must not hold the locks of another, or it and a sale wait for each other.
    """
    async with migrating(engine) as connection:
        for step in await connection.run_sync(_steps, to, migrations):
            await connection.run_sync(_go_to, step, migrations)


def _go_to(connection: Connection, step: str, migrations: Path) -> None:
    command.upgrade(config_for(connection, migrations), step)


def _steps(connection: Connection, to: str, migrations: Path) -> Sequence[str]:
    """Return the revisions to go to, one after the other; an empty database goes to *to* at once."""
    found = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    known = revisions(migrations)
    if found not in known or to not in {HEAD, *known}:
        return (to,)
    last = known[-1] if to == HEAD else to
    return known[known.index(found) + 1 : known.index(last) + 1]


async def downgrade(engine: AsyncEngine, to: str) -> None:
    """Bring the database back to revision *to* (``base`` is before the first)."""
    async with migrating(engine) as connection:
        await connection.run_sync(lambda sync: command.downgrade(config_for(sync), to))


async def revision_of(engine: AsyncEngine) -> str | None:
    """Return the revision the database is at, None before the first."""
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )


async def problem_with(engine: AsyncEngine) -> str | None:
    """
    Return why this version must not serve the database and what to do, None when it may.

    Raises ``StorageUnavailable``.
    """
    try:
        known, found = revisions(), await revision_of(engine)
        if not await _limits_hold(engine):
            return f"a pooler takes away the time limits of statements: {POOLER_REMEDY}"
    except AWAY as error:
        if "unsupported startup parameter" in str(error):
            return f"a pooler refuses the time limits of statements: {POOLER_REMEDY}"
        raise StorageUnavailable(type(error).__name__) from error
    if found == known[-1]:
        return None
    if found in known or found is None:
        return (
            f"the schema is at {found or 'nothing'}, this version needs {known[-1]}: "
            "run `shulk migrate`"
        )
    if await _serves(engine, known[-1]):
        return None
    return (
        f"the schema is at {found}, on which this version may not serve: "
        "run the version of Shulk that made it, or a newer one"
    )


async def _serves(engine: AsyncEngine, known: str) -> bool:
    """Whether a release whose newest migration is *known* may serve on a schema that is newer."""
    async with engine.connect() as connection:
        there = await connection.execute(text("SELECT to_regclass('schema_serving')"))
        if there.scalar() is None:
            return False
        oldest = await connection.execute(text("SELECT oldest FROM schema_serving"))
        return (oldest.scalar() or "~") <= known


async def _limits_hold(engine: AsyncEngine) -> bool:
    """Whether the server ends a statement that takes too long, as this process asked it to."""
    promised = engine.get_execution_options()[LIMIT_PROMISED]
    if promised is None:
        return True
    async with engine.connect() as connection:
        found = await connection.execute(
            text("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")
        )
        return bool(found.scalar() == promised)


async def require_known(engine: AsyncEngine) -> None:
    """Raise ``SchemaUnknown`` unless the database has exactly this version's schema."""
    problem = await problem_with(engine)
    if problem is not None:
        raise SchemaUnknown(problem)


@asynccontextmanager
async def migrating(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Lend a connection to *engine*'s database that supports transactions and has no statement timeout."""
    creator = engine.get_execution_options()[FOR_MIGRATIONS]
    unlimited = create_async_engine(DRIVER, poolclass=NullPool, creator=creator)
    try:
        async with unlimited.connect() as connection:
            yield connection
    finally:
        await unlimited.dispose()
