"""Restored months in rows beside the audit log: each line as JSON, which questions can be asked of in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, literal, text

from adapters.postgres.audit.tables import restored_line
from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from domain.audit.archive_month import ArchiveMonth

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


@dataclass(frozen=True, slots=True)
class PostgresRestoredMonths:
    database: Database

    async def add(self, month: ArchiveMonth, first: int, lines: Sequence[bytes]) -> None:
        await self.database.fetch(
            ADD, first=first, month=month.first_day, lines=[each.decode() for each in lines]
        )

    async def remove(self, month: ArchiveMonth) -> int:
        return len(await self.database.fetch(REMOVE, month_is=month.first_day))
