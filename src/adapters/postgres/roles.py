"""
What the role that serves may do with each table.

The owner of the tables migrates, and takes triggers away if it likes. Whoever serves is another role: it adds to
the audit log, the ledger and the register of files, and changes nothing there, whatever our code or an intruder in
its process tries.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.all_tables import metadata
from adapters.postgres.schema import migrating
from ports.unit_of_work import StorageUnavailable

ONLY_READ: Final = ("alembic_version", "open_expectation", "schema_serving")
"""Says which schema this is, a matter of the migrations; or is kept by a trigger in the name of the owner."""

ONLY_ADDED: Final = (
    "archived_payment",
    "audit_log",
    "audit_leaf",
    "audit_origin",
    "audit_checkpoint",
    "journal",
    "entry",
    "closed_period",
    "decision_basis",
    "document_file",
)
"""A row that was added stays as it is."""

DELETED_FROM: Final = (
    "bank_statement",
    "browser_session",
    "idempotency",
    "job_history",
    "job_run",
    "legal_hold",
    "question",
    "raised_alert",
    "rebuild_difference",
    "refund_watch",
    "restored_line",
    "restored_record",
    "settlement_credit",
    "uncounted_step",
    "webhook_delivery",
    "webhook_endpoint",
)
"""What is not kept for ever, and work that is done."""

CALLED: Final = (
    "shulk_drop_entries(bigint, bigint)",
    "shulk_drop_records(text, date, integer)",
    "shulk_erase_addresses(text, timestamptz)",
)
"""Functions of the owner that whoever serves may call; each says in its migration what it does, and to what."""

MAY_READ: Final = "SELECT"
MAY_ADD: Final = "SELECT, INSERT"
MAY_CHANGE: Final = "SELECT, INSERT, UPDATE"
MAY_DELETE: Final = "SELECT, INSERT, UPDATE, DELETE"

EXCESS: Final = """
SELECT word FROM (
    SELECT 0 AS place, 'is a superuser' AS word FROM pg_roles WHERE rolname = current_user AND rolsuper
    UNION ALL
    SELECT 1, 'may create tables' WHERE has_schema_privilege(current_schema(), 'CREATE')
    UNION ALL
    SELECT 2, 'owns ' || relname FROM known WHERE pg_has_role(current_user, relowner, 'MEMBER')
    UNION ALL
    SELECT 3, 'may change ' || relname FROM known
    WHERE NOT pg_has_role(current_user, relowner, 'MEMBER')
      AND (has_any_column_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')
           OR has_table_privilege(oid, 'TRUNCATE') OR has_table_privilege(oid, 'TRIGGER'))
) AS found ORDER BY place, word
"""
KNOWN: Final = """
WITH known AS (
    SELECT oid, relname, relowner FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relname::text = ANY(CAST(:tables AS text[]))
)
"""


class RoleUnknown(Exception):
    """The role that shall serve is not there, or is the one that migrates; the message says what to do."""


def rights_on(table: str) -> str:
    """Return the privileges that the role that serves has on *table*."""
    if table in ONLY_READ:
        return MAY_READ
    if table in ONLY_ADDED:
        return MAY_ADD
    return MAY_DELETE if table in DELETED_FROM else MAY_CHANGE


def grants(role: str) -> Sequence[str]:
    """Return the statements by which the owner gives *role* what it needs to serve, and takes the rest."""
    return tuple(_grants(quoted(role)))


def _grants(role: str) -> Iterator[str]:
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"REVOKE CREATE ON SCHEMA public FROM {role}"
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    tables = (*(table.name for table in metadata.sorted_tables), "alembic_version")
    for table in sorted(tables):
        yield f"REVOKE ALL ON {quoted(table)} FROM {role}"
        yield f"GRANT {rights_on(table)} ON {quoted(table)} TO {role}"
    for function in CALLED:
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {role}"
    # A table of the next migration is served before the grants of its release are given.
    yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {MAY_DELETE} ON TABLES TO {role}"


async def apply_grants(engine: AsyncEngine, role: str) -> None:
    """
    Give *role* what it needs to serve, as the owner to whom *engine* leads; nobody sees a state between.

    Raises ``RoleUnknown``.
    """
    async with migrating(engine) as connection, connection.begin():
        found = await connection.execute(
            text("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"),
            {"role": role},
        )
        owner, is_there = found.one()
        if owner == role:
            raise RoleUnknown(f"{role} owns the tables: let another role serve")
        if not is_there:
            raise RoleUnknown(
                f"there is no role {role}: CREATE ROLE {quoted(role)} LOGIN PASSWORD '...'"
            )
        for each in grants(role):
            await connection.execute(text(each))


async def add_role(engine: AsyncEngine, role: str, password: str) -> None:
    """Make a *role* that may sign in by *password*, and nothing else."""
    literal = "'" + password.replace("'", "''") + "'"
    async with migrating(engine) as connection, connection.begin():
        await connection.execute(text(f"CREATE ROLE {quoted(role)} LOGIN PASSWORD {literal}"))


async def excess_rights(engine: AsyncEngine) -> Sequence[str]:
    """Return what the role of *engine* may do beyond serving, in words; raises ``StorageUnavailable``."""
    try:
        async with engine.connect() as connection:
            found = await connection.execute(
                text(KNOWN + EXCESS), {"tables": [*ONLY_READ, *ONLY_ADDED]}
            )
            return [row.word for row in found]
    except (SQLAlchemyError, OSError) as error:
        raise StorageUnavailable(type(error).__name__) from error


def quoted(name: str) -> str:
    """Return *name* as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'
