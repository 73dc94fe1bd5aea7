"""Alerts in rows: one for each rule and subject, written only over the version that was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Write, prepare
from domain.errors import NotFound
from domain.monitoring.alert_case import AlertCase, AlertId, AlertState
from domain.monitoring.alert_rules import AlertRule
from ports.monitoring.alert_register import ALERTS_MAX

ALL: Final = prepare(
    text("""
        SELECT * FROM alert_case
        ORDER BY state NOT IN ('firing', 'acknowledged'), since DESC, id LIMIT :at_most
    """)
)
GET: Final = prepare(text("SELECT * FROM alert_case WHERE id = :id"))
SAVE: Final = prepare(
    text("""
        INSERT INTO alert_case AS a (id, rule, subject, state, since, beyond, within, value, sample, detail,
            changes, acknowledged_by, note, silenced_until, silenced_by, silence_reason, version)
        VALUES (:id, :rule, :subject, :state, :since, :beyond, :within, :value, :sample, :detail,
            :changes, :acknowledged_by, :note, CAST(:silenced_until AS timestamptz), :silenced_by,
            :silence_reason, CAST(:version AS integer) + 1)
        ON CONFLICT (rule, subject) DO UPDATE SET
            state = excluded.state, since = excluded.since, beyond = excluded.beyond,
            within = excluded.within, value = excluded.value, sample = excluded.sample,
            detail = excluded.detail, changes = excluded.changes,
            acknowledged_by = excluded.acknowledged_by, note = excluded.note,
            silenced_until = excluded.silenced_until, silenced_by = excluded.silenced_by,
            silence_reason = excluded.silence_reason, version = excluded.version
        WHERE a.id = excluded.id AND a.version = excluded.version - 1
        RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresAlertWrites:
    writes: list[Write]

    def save(self, alert: AlertCase) -> None:
        self.writes.append(Write(SAVE, to_columns(alert), expects="alert"))


@dataclass(frozen=True, slots=True)
class PostgresAlertReads:
    database: Database

    async def all(self) -> Sequence[AlertCase]:
        rows = await self.database.fetch(ALL, at_most=ALERTS_MAX)
        return [to_alert(row) for row in rows]

    async def get(self, alert: AlertId) -> AlertCase:
        rows = await self.database.fetch(GET, id=alert)
        if not rows:
            raise NotFound("alert", alert)
        return to_alert(rows[0])


def to_columns(alert: AlertCase) -> dict[str, object]:
    return {
        "id": alert.id,
        "rule": alert.rule,
        "subject": alert.subject,
        "state": alert.state,
        "since": alert.since,
        "beyond": alert.beyond,
        "within": alert.within,
        "value": alert.value,
        "sample": alert.sample,
        "detail": alert.detail,
        "changes": alert.changes,
        "acknowledged_by": alert.acknowledged_by,
        "note": alert.note,
        "silenced_until": alert.silenced_until,
        "silenced_by": alert.silenced_by,
        "silence_reason": alert.silence_reason,
        "version": alert.version,
    }


def to_alert(row: Record) -> AlertCase:
    return AlertCase(
        id=AlertId(row["id"]),
        rule=AlertRule(row["rule"]),
        subject=row["subject"],
        state=AlertState(row["state"]),
        since=row["since"],
        beyond=row["beyond"],
        within=row["within"],
        value=row["value"],
        sample=row["sample"],
        detail=row["detail"],
        changes=row["changes"],
        acknowledged_by=row["acknowledged_by"],
        note=row["note"],
        silenced_until=row["silenced_until"],
        silenced_by=row["silenced_by"],
        silence_reason=row["silence_reason"],
        version=row["version"],
    )
