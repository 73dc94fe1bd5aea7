"""Raised alerts in rows: one for each kind and subject, forgotten a month after the last time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from ports.alerts import Alert, AlertKind
from ports.monitoring.raised_alerts import RaisedAlert

READ_MAX: Final = 1_000
KEPT: Final = timedelta(days=31)
SUBJECT_MAX: Final = 120

KEEP: Final = prepare(
    text("""
        WITH old AS (DELETE FROM raised_alert WHERE last_at < :before AND subject <> :subject)
        INSERT INTO raised_alert AS r (kind, subject, last_at, times)
        VALUES (:kind, :subject, :at, 1)
        ON CONFLICT (kind, subject) DO UPDATE
        SET last_at = greatest(r.last_at, excluded.last_at), times = r.times + 1
    """)
)
SINCE: Final = prepare(
    text("""
        SELECT * FROM raised_alert WHERE last_at >= :at ORDER BY kind, subject LIMIT :at_most
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresRaisedAlerts:
    database: Database

    async def keep(self, alert: Alert, at: datetime) -> None:
        await self.database.fetch(
            KEEP, kind=alert.kind, subject=alert.subject[:SUBJECT_MAX], at=at, before=at - KEPT
        )

    async def since(self, at: datetime) -> Sequence[RaisedAlert]:
        rows = await self.database.fetch(SINCE, at=at, at_most=READ_MAX)
        return [
            RaisedAlert(
                kind=AlertKind(row["kind"]),
                subject=row["subject"],
                last_at=row["last_at"],
                times=row["times"],
            )
            for row in rows
        ]
