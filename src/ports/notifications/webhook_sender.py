"""Outgoing webhooks: one message is sent to one endpoint, and sent again by whoever asks, under the same id."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import DomainError


class WebhookDelayed(DomainError):
    """
    The endpoint did not take the message now; the same message may be sent again later.

    With *wait* it was slow, or has asked for so long without calls.
    """

    def __init__(self, why: str, wait: timedelta | None = None) -> None:
        self.wait = wait
        super().__init__(why)


class WebhookRefused(DomainError):
    """The endpoint does not exist any more, or may not be called from here: trying again will not help."""


class WebhookGone(WebhookRefused):
    """The endpoint says itself that it wants no message any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """*secrets* are those valid now, the newest first: during a rotation there are two."""

    url: str
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessage:
    """*id* is the same whenever the same message is sent again; *body* is JSON, without personal data."""

    id: str
    body: bytes


class WebhookSender(Protocol):
    async def send(self, message: WebhookMessage, endpoint: WebhookEndpoint, at: datetime) -> None:
        """
        Send *message* once, signed for the instant *at* (UTC). The endpoint has taken it when this returns.

        Raises ``WebhookDelayed`` and ``WebhookRefused``, of which ``WebhookGone`` is one.
        """
        ...
