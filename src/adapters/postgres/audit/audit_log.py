"""The audit log in rows. A trigger of the database refuses to change or delete them."""

import json
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, literal

from adapters.postgres.audit.tables import audit_log
from adapters.postgres.engine.statements import Write, prepare
from ports.audit_log import AuditEntry

COLUMNS = tuple(c for c in audit_log.columns if c.name not in {"id", "tx"})
WIDTHS = {"actor": 120, "subject": 120, "ip": 45, "user_agent": 300, "correlation_id": 64}

ADD = prepare(
    insert(audit_log).values({c.name: bindparam(c.name) for c in COLUMNS}).returning(literal("1"))
)


@dataclass(frozen=True, slots=True)
class PostgresAudit:
    writes: list[Write]

    def add(self, entry: AuditEntry) -> None:
        self.writes.append(to_write(entry))


def to_write(entry: AuditEntry) -> Write:
    """Return the write of one entry; text from outside that is too long for its column is cut."""
    values: dict[str, object] = {
        "at": entry.at,
        "actor": entry.origin.actor,
        "source": entry.origin.source,
        "action": entry.action,
        "subject": entry.subject,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "ip": entry.origin.ip,
        "user_agent": entry.origin.user_agent,
        "correlation_id": entry.origin.correlation_id,
        "facts": json.dumps(dict(entry.facts), sort_keys=True),
    }
    cut = {name: str(values[name])[:width] for name, width in WIDTHS.items()}
    return Write(ADD, {**values, **cut})
