"""Alerts from the command line: listed, taken on, silenced."""

from collections.abc import Sequence
from datetime import timedelta

from domain.monitoring.alert_case import AlertCase, AlertId
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.monitoring.alert_register import AlertReads


def find_alerts(settings: Settings) -> Sequence[AlertCase]:
    """Return every alert, those that go on first."""

    async def read(container: Shulk) -> Sequence[AlertCase]:
        alerts: AlertReads = container.storage.alerts()
        return await alerts.all()

    return run_in_container(settings, read)


def acknowledge_alert(settings: Settings, alert: str, note: str) -> AlertCase:
    """Take the alert on."""

    async def done(container: Shulk) -> AlertCase:
        answer = container.use_cases().monitoring().answer_alerts()
        taken: AlertCase = await answer.acknowledge(AlertId(alert), note, BY_COMMAND)
        return taken

    return run_in_container(settings, done)


def silence_alert(settings: Settings, alert: str, hours: int, reason: str) -> AlertCase:
    """Silence the alert for so many hours from now."""

    async def done(container: Shulk) -> AlertCase:
        answer = container.use_cases().monitoring().answer_alerts()
        until = container.clock().now() + timedelta(hours=hours)
        silenced: AlertCase = await answer.silence(AlertId(alert), until, reason, BY_COMMAND)
        return silenced

    return run_in_container(settings, done)
