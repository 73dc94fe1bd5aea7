"""The audit log as staff read it, out of memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from fakes.store import Store
from ports.audit_log import AuditEntry


@dataclass(frozen=True, slots=True)
class MemoryAuditReads:
    store: Store

    async def about(self, subject: str, *, at_most: int) -> Sequence[AuditEntry]:
        await asyncio.sleep(0)
        found = [
            entry
            for number, entry in enumerate(self.store.audit, 1)
            if entry.subject == subject and number not in self.store.dropped_entries
        ]
        return found[::-1][:at_most]
