"""Alerts in memory: saved only over the version that was read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile, NotFound
from domain.monitoring.alert_case import AlertCase, AlertId
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryAlertWrites:
    changes: list[Change]

    def save(self, alert: AlertCase) -> None:
        def change(store: Store) -> None:
            known = store.alert_cases.get((alert.rule, alert.subject))
            before = (known.id, known.version) if known else (alert.id, 0)
            if before != (alert.id, alert.version):
                raise ChangedMeanwhile("alert")
            kept = replace(alert, version=alert.version + 1)
            store.alert_cases[alert.rule, alert.subject] = kept

        self.changes.append(change)


@dataclass(frozen=True, slots=True)
class MemoryAlertReads:
    store: Store

    async def all(self) -> Sequence[AlertCase]:
        await asyncio.sleep(0)
        cases = sorted(self.store.alert_cases.values(), key=lambda each: each.id)
        cases.sort(key=lambda each: each.since, reverse=True)
        return sorted(cases, key=lambda each: not each.is_open)

    async def get(self, alert: AlertId) -> AlertCase:
        await asyncio.sleep(0)
        for each in self.store.alert_cases.values():
            if each.id == alert:
                return each
        raise NotFound("alert", alert)
