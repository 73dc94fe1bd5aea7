"""Write alerts as log events, which the monitoring of the logs turns into calls."""

import logging

from ports.alerts import Alert

log = logging.getLogger(__name__)


class LoggedAlerts:
    async def call(self, alert: Alert) -> None:
        extra = {**alert.facts, "event_type": "alert", "kind": alert.kind.value}
        log.error("alert.raised", extra=extra | {"subject": alert.subject})
