"""Alerts kept for a test to read."""

from dataclasses import dataclass, field

from ports.alerts import Alert


@dataclass(slots=True)
class AlertBook:
    called: list[Alert] = field(default_factory=list)

    async def call(self, alert: Alert) -> None:
        self.called.append(alert)
