"""The audit log as staff read it: what was written about one subject."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from adapters.postgres.audit.tables import audit_log
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import prepare
from domain.payments.payment_state import State
from ports.audit_log import AuditEntry, Origin, Source

ABOUT: Final = prepare(
    select(audit_log)
    .where(audit_log.c.subject == bindparam("subject_is"))
    .order_by(audit_log.c.id.desc())
    .limit(bindparam("at_most"))
)


@dataclass(frozen=True, slots=True)
class PostgresAuditReads:
    database: Database

    async def about(self, subject: str, *, at_most: int) -> Sequence[AuditEntry]:
        rows = await self.database.fetch(ABOUT, subject_is=subject, at_most=at_most)
        return [_to_entry(row) for row in rows]


def _to_entry(row: Record) -> AuditEntry:
    facts = row["facts"]
    return AuditEntry(
        at=row["at"],
        origin=Origin(
            actor=row["actor"],
            source=Source(row["source"]),
            ip=row["ip"],
            user_agent=row["user_agent"],
            correlation_id=row["correlation_id"],
        ),
        action=row["action"],
        subject=row["subject"],
        from_state=State(row["from_state"]) if row["from_state"] else None,
        to_state=State(row["to_state"]) if row["to_state"] else None,
        facts=json.loads(facts) if isinstance(facts, str) else facts,
    )
