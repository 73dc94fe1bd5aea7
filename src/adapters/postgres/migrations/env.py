"""Runs a migration on the connection it is given, in one transaction, waiting for no lock for long."""

from typing import Final

from alembic import context
from sqlalchemy import Connection, text

from adapters.postgres.all_tables import metadata

LOCK_TIMEOUT: Final = "2s"
MIGRATION_LOCK_TIMEOUT: Final = "60s"
"""Another migrator may be at work; waiting for it makes nobody else wait."""

ONE_MIGRATOR: Final = 5_301_447
"""Any number will do, as long as nobody else takes it: the advisory lock of our migrations."""


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=False
    )
    with connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_LOCK_TIMEOUT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_MIGRATOR})
        # A migration that waits behind a long query would make every later query wait behind it.
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


run(context.config.attributes["connection"])
