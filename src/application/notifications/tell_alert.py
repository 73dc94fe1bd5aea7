"""Tell operators that an alert fired, or is resolved: by email, and by a webhook to an endpoint of theirs."""

import json
from dataclasses import dataclass

from domain.monitoring.alert_case import AlertId, AlertState
from ports.clock import Clock
from ports.monitoring.alert_register import AlertReads
from ports.notifications.email_sender import EmailSender
from ports.notifications.email_texts import EmailTexts
from ports.notifications.webhook_sender import WebhookEndpoint, WebhookMessage, WebhookSender


@dataclass(frozen=True, slots=True, kw_only=True)
class TellAlert:
    """*operators* is the address, and *endpoint* what is called, when an alert changes; None: nowhere."""

    alerts: AlertReads
    texts: EmailTexts
    sender: EmailSender
    operators: str | None
    webhooks: WebhookSender
    endpoint: WebhookEndpoint | None
    clock: Clock

    async def __call__(self, alert: AlertId, change: str) -> None:
        """Send the email about *change*. Raises ``EmailDelayed``, ``EmailRefused`` and ``NotFound``."""
        if self.operators:
            told = await self.alerts.get(alert)
            await self.sender.send(self.texts.alert(told, change, self.operators))

    async def by_webhook(self, alert: AlertId, change: str) -> None:
        """Call the endpoint about *change*. Raises ``WebhookDelayed``, ``WebhookRefused`` and ``NotFound``."""
        if self.endpoint is None:
            return
        told, at = await self.alerts.get(alert), self.clock.now()
        _, number, state = change.split("/")
        kind = "resolved" if state == AlertState.RESOLVED else "firing"
        body = {
            "type": f"alert.{kind}",
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "data": {
                "alert_id": told.id,
                # Whoever gets messages out of order drops what is not newer.
                "sequence": int(number),
                "rule": told.rule.value,
                "subject": told.subject,
                "severity": told.terms.severity.value,
                "value": told.value,
                "unit": told.terms.unit.value,
                "means": told.terms.means,
            },
        }
        message = WebhookMessage(id=change.replace("/", "_"), body=json.dumps(body).encode())
        await self.webhooks.send(message, self.endpoint, at)
