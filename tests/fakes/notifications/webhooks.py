"""Webhooks that a test reads; *trouble* is raised by the calls to come, in order."""

from dataclasses import dataclass, field
from datetime import datetime

from ports.notifications.webhook_sender import WebhookEndpoint, WebhookMessage


@dataclass(slots=True)
class HookBook:
    sent: list[WebhookMessage] = field(default_factory=list)
    called: list[WebhookEndpoint] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    async def send(self, message: WebhookMessage, endpoint: WebhookEndpoint, at: datetime) -> None:
        assert endpoint.secrets
        assert at.tzinfo
        self.sent.append(message)
        self.called.append(endpoint)
        if self.trouble:
            raise self.trouble.pop(0)
