"""Alerts that use cases raise are logged, and kept for those who judge them."""

import logging
from dataclasses import dataclass

from ports.alerts import Alert, Alerts
from ports.clock import Clock
from ports.monitoring.raised_alerts import RaisedAlerts
from ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeepAlerts:
    """Keeps the promise of ``Alerts``: without a database an alert is logged all the same."""

    logged: Alerts
    raised: RaisedAlerts
    clock: Clock

    async def call(self, alert: Alert) -> None:
        await self.logged.call(alert)
        try:
            await self.raised.keep(alert, self.clock.now())
        except StorageUnavailable:
            log.warning("alert.not_kept", extra={"kind": alert.kind.value})
