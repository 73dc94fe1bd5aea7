"""How queues, the audit log's seal, books and alerts stand, as each worker reads it from PostgreSQL for Prometheus."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from domain.monitoring.alert_case import AlertState
from domain.monitoring.alert_rules import RULES
from entrypoints.telemetry.telemetry import Counts
from ports.clock import Clock
from ports.monitoring.alert_register import AlertReads
from ports.monitoring.system_health import SystemHealth
from ports.unit_of_work import StorageUnavailable


@dataclass(frozen=True, slots=True)
class ReadGauges:
    health: SystemHealth
    alerts: AlertReads
    clock: Clock
    counts: Counts

    async def __call__(self) -> int:
        """Read them and tell them; nothing is told of any when ``StorageUnavailable`` is raised."""
        at = self.clock.now()
        try:
            reading = await self.health.read(at, ())
            alerts = await self.alerts.all()
        except StorageUnavailable:
            self.counts.unknown()
            raise
        for each in reading.queues:
            oldest = _seconds(each.oldest_due_at, at)
            self.counts.queue(each.name, due=each.due, oldest_seconds=oldest, dead=each.dead)
        self.counts.unsealed(_seconds(reading.unsealed_since, at))
        self.counts.differing(reading.differing)
        self.counts.firing(
            Counter(
                (each.rule.value, RULES[each.rule].severity.value)
                for each in alerts
                if each.state in {AlertState.FIRING, AlertState.ACKNOWLEDGED}
            )
        )
        return 0


def _seconds(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds())
