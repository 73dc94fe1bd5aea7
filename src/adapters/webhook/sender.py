"""Sends webhooks over HTTPS: times and answers are limited, redirects are not followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

import anyio
import httpcore

from adapters.webhook.public_addresses import CheckedBackend, NotPublic
from adapters.webhook.signature import signed_headers
from ports.notifications.webhook_sender import (
    WebhookDelayed,
    WebhookEndpoint,
    WebhookMessage,
    WebhookRefused,
)

CONNECT_SECONDS_MAX: Final = 5.0
SECONDS_MAX: Final = 15.0
ANSWER_BYTES_READ: Final = 1024
USER_AGENT: Final = "Shulk/0.1"


@dataclass(frozen=True, slots=True)
class HttpWebhooks:
    """With *anywhere* it also calls this machine and private networks: for development alone."""

    anywhere: bool = False

    async def send(self, message: WebhookMessage, endpoint: WebhookEndpoint, at: datetime) -> None:
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            **signed_headers(message.id, message.body, endpoint.secrets, at),
        }
        backend = None if self.anywhere else CheckedBackend()
        try:
            with anyio.fail_after(SECONDS_MAX):
                # Each message has a connection of its own: webhooks are few, and a kept one would outlive its check.
                async with httpcore.AsyncConnectionPool(network_backend=backend) as pool:
                    status = await _posted(pool, endpoint.url, [*headers.items()], message.body)
        except NotPublic as refusal:
            raise WebhookRefused("the endpoint is not on the public internet") from refusal
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            TimeoutError,
        ) as trouble:
            raise WebhookDelayed(f"the endpoint: {type(trouble).__name__}") from trouble
        if status == HTTPStatus.GONE:
            raise WebhookRefused("the endpoint answered 410: it is gone")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise WebhookDelayed(f"the endpoint answered {status}")


async def _posted(
    pool: httpcore.AsyncConnectionPool,
    url: str,
    headers: Sequence[tuple[bytes | str, bytes | str]],
    body: bytes,
) -> int:
    """Return the status of the answer, of which no more than its beginning is read."""
    limits = dict.fromkeys(("read", "write", "pool"), SECONDS_MAX)
    timeout = limits | {"connect": CONNECT_SECONDS_MAX}
    asked = pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": timeout})
    async with asked as answer:
        read = 0
        async for part in answer.aiter_stream():
            read += len(part)
            if read > ANSWER_BYTES_READ:
                break
        return int(answer.status)
