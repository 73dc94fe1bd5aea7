"""Closed periods in rows: closing waits for what is being posted, and what comes later finds it closed."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Write, prepare
from ports.audit_log import AuditEntry
from ports.ledger.ledger_periods import PeriodClosed

LOCK: Final = prepare(text("SELECT shulk_hold_ledger()"))
"""Nothing is posted, and nothing else is closed, until the transaction ends."""

CLOSED_THROUGH: Final = prepare(text("SELECT max(last) AS last FROM closed_period"))
CLOSE: Final = prepare(
    text("""
        INSERT INTO closed_period (last, closed_at, closed_by)
        VALUES (:last, :closed_at, :closed_by) RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresLedgerPeriods:
    database: Database

    async def closed_through(self) -> date | None:
        (row,) = await self.database.fetch(CLOSED_THROUGH)
        last: date | None = row["last"]
        return last

    async def close(self, through: date, entry: AuditEntry) -> None:
        async with self.database.borrow() as connection, connection.transaction():
            await connection.fetch(LOCK)
            (row,) = await connection.fetch(CLOSED_THROUGH)
            if row["last"] is not None and through <= row["last"]:
                raise PeriodClosed(row["last"])
            values = {"last": through, "closed_at": entry.at, "closed_by": entry.origin.actor}
            await connection.apply([Write(CLOSE, values), to_write(entry)])
