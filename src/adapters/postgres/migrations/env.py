"""Runs the migrations on the given connection, in one transaction and with a short lock timeout."""

from typing import Final

from alembic import context
from sqlalchemy import Connection, text

from adapters.postgres.all_tables import metadata

LOCK_TIMEOUT: Final = "2s"
MIGRATION_LOCK_TIMEOUT: Final = "60s"
"""How long to wait for another process that migrates; this wait blocks no query."""

WRITE_DOWN: Final = """
INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts)
VALUES (clock_timestamp(), 'database:' || current_user, 'admin', :action, 'schema',
        coalesce(host(inet_client_addr()), ''), '', '',
        jsonb_build_object('from', CAST(:before AS text), 'to', CAST(:after AS text)))
"""
"""Who changed the schema, from which revision to which: a line of the audit log, in the step's own transaction."""

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
        before = context.get_context().get_current_revision()
        context.run_migrations()
        _write_down(connection, before)
        _say_who_may_serve(connection)


def _write_down(connection: Connection, before: str | None) -> None:
    """Write the step to the audit log, as long as there is one."""
    after = context.get_context().get_current_revision()
    if after == before or connection.scalar(text("SELECT to_regclass('audit_log')")) is None:
        return
    back = before is not None and after is not None and after < before
    connection.execute(
        text(WRITE_DOWN),
        {
            "action": "schema.downgraded" if back else "schema.upgraded",
            "before": before or "",
            "after": after or "",
        },
    )


def _say_who_may_serve(connection: Connection) -> None:
    """Write down the oldest release that may serve: a migration that takes something away names itself."""
    if connection.scalar(text("SELECT to_regclass('schema_serving')")) is None:
        return
    newest = context.get_context().get_current_revision()
    steps = context.script.iterate_revisions(newest, "base")
    oldest = max(getattr(step.module, "serves_from", "") for step in steps)
    connection.execute(text("DELETE FROM schema_serving"))
    connection.execute(
        text("INSERT INTO schema_serving (oldest, newest) VALUES (:oldest, :newest)"),
        {"oldest": oldest, "newest": newest},
    )


run(context.config.attributes["connection"])
