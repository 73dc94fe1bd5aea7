"""What whoever calls a person must do; run against the book of alerts and against the log."""

import asyncio
from typing import Protocol

from ports.alerts import Alert, AlertKind, Alerts

STUCK = Alert(
    kind=AlertKind.PAYMENT_UNRESOLVED, subject="SKABCDEFGH234567JKLM", facts={"state": "pending"}
)


class Told(Protocol):
    def __call__(self) -> list[tuple[str, str, str]]:
        """Return kind, subject and state of each alert that somebody could hear."""
        ...


class AlertsContract:
    async def test_an_alert_is_told(self, alerts: Alerts, told: Told) -> None:
        """
        What it is, what it is about, and what there is to know.
        """
        await alerts.call(STUCK)

        assert told() == [("payment_unresolved", STUCK.subject, "pending")]

    async def test_each_call_is_told(self, alerts: Alerts, told: Told) -> None:
        """
        Also of the same matter, also at once.
        """
        await asyncio.gather(*(alerts.call(STUCK) for _ in range(3)))

        assert len(told()) == 3
