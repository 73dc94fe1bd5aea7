"""The store in memory, as the storage contracts ask for it."""

from dataclasses import dataclass

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
