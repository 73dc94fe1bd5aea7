"""Runs the migrations on the given connection, in one transaction and with a short lock timeout."""

from typing import Final

from alembic import context
from sqlalchemy import Connection, text

from adapters.postgres.all_tables import metadata

LOCK_TIMEOUT: Final = "2s"
MIGRATION_LOCK_TIMEOUT: Final = "60s"
"""How long to wait for another process that migrates; this wait blocks no query."""

ONE_MIGRATOR: Final = 5_301_447
"""The key of the advisory lock of our migrations: any number that no other program uses."""


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=False
    )
    with connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_LOCK_TIMEOUT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_MIGRATOR})
        # While a migration waits for a lock behind a long query, every later query waits behind it.
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


run(context.config.attributes["connection"])
