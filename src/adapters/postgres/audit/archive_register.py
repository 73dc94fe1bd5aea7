"""Archived months in rows. What may leave the audit log is decided by a trigger of the database once more."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy import bindparam, func, insert, literal, select, text, update

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.audit.tables import archived_month
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Write, prepare
from domain.audit.archive_manifest import ArchiveManifest, SealedMonth
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.archived_month import ArchivedMonth
from domain.identifiers import PaymentId
from ports.audit.archive_register import DropRefused
from ports.audit_log import AuditEntry

REFUSED: Final = "SK002"
"""What a trigger that keeps the audit log raises."""

DATED: Final = {"verified_at", "ended_at", "deleted_at"}
"""Written by triggers, by the clock of the database."""

_month = archived_month.c
_VALUES: Final[dict[str, Any]] = {
    each.name: bindparam(f"to_{each.name}")
    for each in archived_month.columns
    if each.name not in DATED
}
MONTHS: Final = prepare(select(archived_month).order_by(_month.first_leaf))
ADD: Final = prepare(insert(archived_month).values(_VALUES).returning(literal(1)))
MOVE: Final = prepare(
    update(archived_month)
    .where(
        _month.month == bindparam("to_month"),
        _month.state == bindparam("was_state"),
        _month.exported_at == bindparam("was_exported_at"),
    )
    .values(_VALUES)
    .returning(literal(1))
)
NOTED_MAX: Final = 100
"""Characters of a subject that is noted: each id of a payment and of who looked at it has fewer."""

# Entry by entry, as ``sealed_spans.OF_SPAN`` reads them.
NOTE: Final = prepare(
    text(f"""
        INSERT INTO archived_payment (payment_id, kind, month)
        SELECT DISTINCT a.subject, 'audit_log', CAST(:month AS date)
        FROM (
            SELECT audit_id FROM audit_leaf
            WHERE leaf_index >= CAST(:first AS bigint) AND leaf_index < CAST(:stop AS bigint) OFFSET 0
        ) l CROSS JOIN LATERAL (SELECT subject FROM audit_log WHERE id = l.audit_id OFFSET 0) a
        WHERE length(a.subject) <= {NOTED_MAX}
        ON CONFLICT (payment_id, kind, month) DO NOTHING
    """)
)
# No entry is about nothing: a row without a subject says that the month was noted to its end.
NOTED: Final = prepare(
    text("""
        INSERT INTO archived_payment (payment_id, kind, month) VALUES ('', 'audit_log', CAST(:month AS date))
        ON CONFLICT (payment_id, kind, month) DO NOTHING
    """)
)
ABOUT: Final = prepare(
    text(f"""
        SELECT m.* FROM archived_month m
        WHERE length(:subject) > {NOTED_MAX}
           OR NOT EXISTS (SELECT FROM archived_payment n
                          WHERE n.payment_id = '' AND n.kind = 'audit_log' AND n.month = m.month)
           OR EXISTS (SELECT FROM archived_payment n
                      WHERE n.payment_id = :subject AND n.kind = 'audit_log' AND n.month = m.month)
        ORDER BY m.first_leaf
    """)
)
HELD: Final = prepare(
    text("""
        WITH held AS (
            SELECT payment_id, payment_id AS subject FROM legal_hold
            UNION ALL SELECT payment_id, 'shown:' || payment_id FROM legal_hold
        )
        SELECT DISTINCT held.payment_id FROM held
        JOIN audit_log a ON a.subject = held.subject
        JOIN audit_leaf l ON l.audit_id = a.id
        WHERE l.leaf_index >= CAST(:first AS bigint) AND l.leaf_index < CAST(:stop AS bigint)
        ORDER BY held.payment_id
    """)
)
HELD_IN_FILE: Final = prepare(
    text("""
        SELECT payment_id FROM legal_hold
        WHERE shulk_file_is_about(:kind, CAST(:month AS date), payment_id) ORDER BY payment_id
    """)
)
DROP: Final = prepare(
    select(func.shulk_drop_entries(bindparam("first"), bindparam("stop")).label("dropped"))
)


@dataclass(frozen=True, slots=True)
class PostgresArchiveRegister:
    database: Database

    async def months(self) -> Sequence[SealedMonth]:
        return [_to_month(row) for row in await self.database.fetch(MONTHS)]

    async def record(self, month: SealedMonth, was: SealedMonth | None, audit: AuditEntry) -> None:
        values = _to_values(month)
        write = Write(ADD, values)
        if was is not None:
            before = {"was_state": was.state, "was_exported_at": was.exported_at}
            write = Write(MOVE, values | before, expects="archived month")
        with refusals_told():
            async with self.database.borrow() as connection:
                await connection.apply([write, to_write(audit)])

    async def note(self, month: ArchiveMonth, span: range) -> None:
        if span:
            day = month.first_day
            await self.database.fetch(NOTE, month=day, first=span.start, stop=span.stop)
        else:
            await self.database.fetch(NOTED, month=month.first_day)

    async def months_about(self, subject: str) -> Sequence[SealedMonth]:
        return [_to_month(row) for row in await self.database.fetch(ABOUT, subject=subject)]

    async def held(self, span: range) -> Sequence[PaymentId]:
        rows = await self.database.fetch(HELD, first=span.start, stop=span.stop)
        return [PaymentId(row["payment_id"]) for row in rows]

    async def held_in_file(self, month: ArchiveMonth) -> Sequence[PaymentId]:
        return await held_in_file(self.database, "audit_log", month)

    async def drop(self, span: range) -> int:
        with refusals_told():
            (row,) = await self.database.fetch(DROP, first=span.start, stop=span.stop)
        return int(row["dropped"])


async def held_in_file(database: Database, kind: str, month: ArchiveMonth) -> Sequence[PaymentId]:
    """Return the payments under legal hold that the file of *month* may tell of."""
    rows = await database.fetch(HELD_IN_FILE, kind=kind, month=month.first_day)
    return [PaymentId(row["payment_id"]) for row in rows]


@contextmanager
def refusals_told() -> Iterator[None]:
    """Raise ``DropRefused`` for what a trigger keeps."""
    try:
        yield
    except asyncpg.PostgresError as error:
        if error.sqlstate != REFUSED:
            raise
        raise DropRefused(str(error)) from error


def _to_values(month: SealedMonth) -> dict[str, object]:
    span = month.manifest.span
    return {
        "to_month": month.month.first_day,
        "to_first_leaf": span.start,
        "to_stop_leaf": span.stop,
        "to_state": month.state,
        "to_manifest": bytes(month.manifest),
        "to_exported_at": month.exported_at,
        "to_dropped_at": month.dropped_at,
    }


def _to_month(row: Record) -> SealedMonth:
    return ArchivedMonth(
        manifest=ArchiveManifest.parse(row["manifest"]),
        state=ArchiveState(row["state"]),
        exported_at=row["exported_at"],
        verified_at=row["verified_at"],
        dropped_at=row["dropped_at"],
        ended_at=row["ended_at"],
        deleted_at=row["deleted_at"],
    )
