"""Restored months in rows beside the audit log: each line as JSON, which questions can be asked of in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, literal, text

from adapters.postgres.audit.tables import restored_line, restored_record
from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine

ADD: Final = prepare(
    text("""
        INSERT INTO restored_line (leaf_index, month, line)
        SELECT CAST(:first AS bigint) + l.place - 1, CAST(:month AS date), CAST(l.line AS jsonb)
        FROM unnest(CAST(:lines AS text[])) WITH ORDINALITY AS l (line, place)
        ON CONFLICT (leaf_index) DO NOTHING
    """)
)
REMOVE: Final = prepare(
    delete(restored_line)
    .where(restored_line.c.month == bindparam("month_is"))
    .returning(literal(1))
)

ADD_RECORDS: Final = prepare(
    text("""
        INSERT INTO restored_record (kind, number, month, line)
        SELECT r.kind, r.number, CAST(:month AS date), CAST(r.line AS jsonb)
        FROM unnest(CAST(:kinds AS varchar[]), CAST(:numbers AS bigint[]), CAST(:lines AS text[]))
             AS r (kind, number, line)
        ON CONFLICT (kind, number) DO NOTHING
    """)
)
REMOVE_RECORDS: Final = prepare(
    delete(restored_record)
    .where(
        restored_record.c.kind == bindparam("kind_is"),
        restored_record.c.month == bindparam("month_is"),
    )
    .returning(literal(1))
)


@dataclass(frozen=True, slots=True)
class PostgresRestoredMonths:
    database: Database

    async def add(self, month: ArchiveMonth, first: int, lines: Sequence[bytes]) -> None:
        await self.database.fetch(
            ADD, first=first, month=month.first_day, lines=[each.decode() for each in lines]
        )

    async def remove(self, month: ArchiveMonth) -> int:
        return len(await self.database.fetch(REMOVE, month_is=month.first_day))

    async def add_records(self, month: ArchiveMonth, rows: Sequence[RecordLine]) -> None:
        await self.database.fetch(
            ADD_RECORDS,
            month=month.first_day,
            kinds=[each.kind for each in rows],
            numbers=[each.number for each in rows],
            lines=[bytes(each).decode() for each in rows],
        )

    async def remove_records(self, kind: RecordKind, month: ArchiveMonth) -> int:
        return len(
            await self.database.fetch(REMOVE_RECORDS, kind_is=kind, month_is=month.first_day)
        )
