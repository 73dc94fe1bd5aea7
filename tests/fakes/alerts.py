"""Alerts kept for a test to read; a fact that no log line may hold would be lost on the way to operators."""

from dataclasses import dataclass, field

from entrypoints.logs.fields import ALLOWED
from ports.alerts import Alert


@dataclass(slots=True)
class AlertBook:
    called: list[Alert] = field(default_factory=list)

    async def call(self, alert: Alert) -> None:
        assert alert.facts.keys() <= ALLOWED, alert.facts.keys() - ALLOWED
        self.called.append(alert)
