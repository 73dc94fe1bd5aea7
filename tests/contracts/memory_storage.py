"""The store in memory, as the storage contracts ask for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from contracts.storage import AuditLine, Faults
from fakes.memory import Memory
from fakes.store import FaultOfOurs


@dataclass(slots=True)
class MemoryStorage(Memory):
    fault: Faults = FaultOfOurs

    async def expected_paise(self) -> int:
        return sum(each.expected.amount.paise for each in self.store.expectations.values())

    async def unlist_steps(self) -> None:
        self.store.earlier_steps = (0, len(self.store.audit))

    async def age_archive(self, by: timedelta) -> None:
        for month, each in self.store.archived_months.items():
            if each.verified_at is not None:
                self.store.archived_months[month] = replace(each, verified_at=each.verified_at - by)
        for key, rows in self.store.archived_records.items():
            if rows.verified_at is not None:
                self.store.archived_records[key] = replace(rows, verified_at=rows.verified_at - by)

    async def restored(self) -> Mapping[int, Mapping[str, object]]:
        return {index: json.loads(line) for index, (_, line) in self.store.restored_lines.items()}

    async def forget_expectations(self) -> None:
        self.store.expectations.clear()

    async def audit_lines(self) -> list[AuditLine]:
        return [
            AuditLine(
                action=entry.action,
                subject=entry.subject,
                actor=entry.origin.actor,
                ip=entry.origin.ip,
                user_agent=entry.origin.user_agent,
            )
            for entry in self.store.audit
        ]
