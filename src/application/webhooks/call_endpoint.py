"""Call one endpoint of the platform about one event, signed by each of its valid secrets."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.webhooks.platform_endpoint import EndpointId, PlatformEndpoint, may_be_called
from domain.webhooks.webhook_event import WebhookEvent
from ports.cipher import Cipher, EncryptedText, SecretLocation
from ports.clock import Clock
from ports.notifications.webhook_sender import (
    WebhookEndpoint,
    WebhookMessage,
    WebhookRefused,
    WebhookSender,
)


@dataclass(frozen=True, slots=True)
class CallEndpoint:
    """*hosts* are all that may be called, whenever an endpoint was added; any where there are none."""

    sender: WebhookSender
    cipher: Cipher
    clock: Clock
    hosts: Collection[str] = ()

    async def __call__(self, endpoint: PlatformEndpoint, event: WebhookEvent) -> None:
        """
        Send *event* once. The endpoint has taken it when this returns.

        Raises ``WebhookDelayed``, ``WebhookRefused`` and ``CannotDecrypt``.
        """
        if not may_be_called(endpoint.url, self.hosts):
            raise WebhookRefused("the endpoint's host is none of those that may be called")
        at = self.clock.now()
        secrets = [self._secret(endpoint.id, "secret", endpoint.secret)]
        if endpoint.previous_secret is not None and endpoint.previous_is_valid(at):
            before = self._secret(endpoint.id, "previous_secret", endpoint.previous_secret)
            secrets.append(before)
        message = WebhookMessage(id=event.id, body=event.body(endpoint.payload))
        called = WebhookEndpoint(url=endpoint.url, secrets=tuple(secrets))
        await self.sender.send(message, called, at)

    def _secret(self, endpoint: EndpointId, column: str, text: str) -> str:
        return self.cipher.decrypt(EncryptedText(text), secret_location(endpoint, column))


def secret_location(endpoint: EndpointId, column: str = "secret") -> SecretLocation:
    """Return where the secret of *endpoint* is stored; the one before stands in ``previous_secret``."""
    return SecretLocation(table="webhook_endpoint", column=column, row=endpoint)
