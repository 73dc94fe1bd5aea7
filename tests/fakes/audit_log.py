"""The audit log in memory."""

from dataclasses import dataclass

from fakes.store import Change
from ports.audit_log import AuditEntry


@dataclass(frozen=True, slots=True)
class MemoryAudit:
    changes: list[Change]

    def add(self, entry: AuditEntry) -> None:
        self.changes.append(lambda store: store.audit.append(entry))
