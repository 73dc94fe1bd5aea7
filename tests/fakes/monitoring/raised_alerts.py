"""Raised alerts in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fakes.store import Store
from ports.alerts import Alert
from ports.monitoring.raised_alerts import RaisedAlert


@dataclass(frozen=True, slots=True)
class MemoryRaisedAlerts:
    store: Store

    async def keep(self, alert: Alert, at: datetime) -> None:
        await asyncio.sleep(0)
        key = (alert.kind, alert.subject)
        known = self.store.raised_alerts.get(key)
        self.store.raised_alerts[key] = (
            replace(known, last_at=max(known.last_at, at), times=known.times + 1)
            if known
            else RaisedAlert(kind=alert.kind, subject=alert.subject, last_at=at, times=1)
        )

    async def since(self, at: datetime) -> Sequence[RaisedAlert]:
        await asyncio.sleep(0)
        return [each for _, each in sorted(self.store.raised_alerts.items()) if each.last_at >= at]
