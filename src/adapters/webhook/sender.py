"""Sends webhooks over HTTPS: times and answers are limited, redirects are not followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import anyio
import httpcore

from adapters.webhook.connection_faults import connection_fault
from adapters.webhook.public_addresses import CheckedBackend, NotPublic
from adapters.webhook.signature import signed_headers
from ports.notifications.webhook_sender import (
    WebhookDelayed,
    WebhookEndpoint,
    WebhookGone,
    WebhookMessage,
    WebhookRefused,
)

CONNECT_SECONDS_MAX: Final = 5.0
SECONDS_MAX: Final = 15.0
ANSWER_BYTES_READ: Final = 1024
USER_AGENT: Final = "Shulk/0.1"
SLOW_WAIT: Final = timedelta(seconds=30)
"""An endpoint that did not answer in time is not called again for so long."""

WAIT_MAX: Final = timedelta(hours=1)


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
                    status, wait = await _posted(
                        pool, endpoint.url, [*headers.items()], message.body
                    )
        except NotPublic as refusal:
            raise WebhookRefused("the endpoint is not on the public internet") from refusal
        except (httpcore.TimeoutException, TimeoutError) as slow:
            raise WebhookDelayed(f"the endpoint: {type(slow).__name__}", SLOW_WAIT) from slow
        except (httpcore.NetworkError, httpcore.ProtocolError, UnicodeError) as trouble:
            raise WebhookDelayed(connection_fault(trouble)) from trouble
        if status == HTTPStatus.GONE:
            raise WebhookGone("the endpoint answered 410: it is gone")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise WebhookDelayed(f"the endpoint answered {status}", wait)


async def _posted(
    pool: httpcore.AsyncConnectionPool,
    url: str,
    headers: Sequence[tuple[bytes | str, bytes | str]],
    body: bytes,
) -> tuple[int, timedelta | None]:
    """Return the status of the answer, of which no more than its beginning is read, and for how long to wait."""
    limits = dict.fromkeys(("read", "write", "pool"), SECONDS_MAX)
    timeout = limits | {"connect": CONNECT_SECONDS_MAX}
    asked = pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": timeout})
    async with asked as answer:
        read = 0
        async for part in answer.aiter_stream():
            read += len(part)
            if read > ANSWER_BYTES_READ:
                break
        return int(answer.status), _wait(answer.headers)


def _wait(headers: Sequence[tuple[bytes, bytes]]) -> timedelta | None:
    """Return what ``Retry-After`` asks for in seconds, at most an hour; None without such a number."""
    told = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    text = told.strip()
    if not text.isdigit():
        return None
    # More digits than that are more than an hour, too.
    return min(timedelta(seconds=int(text[:6])), WAIT_MAX)
