"""Closed periods in memory."""

import asyncio
from dataclasses import dataclass
from datetime import date

from fakes.store import Store
from ports.audit_log import AuditEntry
from ports.ledger.ledger_periods import PeriodClosed


@dataclass(frozen=True, slots=True)
class MemoryLedgerPeriods:
    store: Store

    async def closed_through(self) -> date | None:
        await asyncio.sleep(0)
        return max(self.store.closed_through, default=None)

    async def close(self, through: date, entry: AuditEntry) -> None:
        last = await self.closed_through()
        if last is not None and through <= last:
            raise PeriodClosed(last)
        self.store.closed_through.append(through)
        self.store.audit.append(entry)
