"""One webhook over a real socket: what the endpoint answers decides whether it is sent again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from adapters.webhook.sender import HttpWebhooks
from fakes.clock import NOON
from ports.notifications.webhook_sender import (
    WebhookDelayed,
    WebhookEndpoint,
    WebhookMessage,
    WebhookRefused,
)

SECRET: Final = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
MESSAGE: Final = WebhookMessage(id="msg_1", body=b'{"type":"alert.firing"}')


@asynccontextmanager
async def endpoint(answer: bytes) -> AsyncIterator[tuple[WebhookEndpoint, list[bytes]]]:
    """Yield an endpoint on this machine that answers *answer*, and the requests that it got."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        got.append(head + await reader.readexactly(len(MESSAGE.body)))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield WebhookEndpoint(url=f"http://127.0.0.1:{port}/hook", secrets=(SECRET,)), got


def answering(status: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_a_message_is_taken() -> None:
    """
    Posted as JSON with its three headers; a long answer is not read to its end.
    """
    async with endpoint(answering("200 OK", b"x" * 100_000)) as (called, got):
        await HttpWebhooks(anywhere=True).send(MESSAGE, called, NOON)

    (request,) = got
    assert request.startswith(b"POST /hook HTTP/1.1\r\n")
    assert request.endswith(MESSAGE.body)
    for each in (b"webhook-id: msg_1", b"webhook-timestamp: 1785758400", b"webhook-signature: v1,"):
        assert each in request.lower().replace(b"v1,", b"v1,"), each


@pytest.mark.parametrize(
    "answer",
    [
        answering("302 Found\r\nLocation: http://127.0.0.1/"),
        answering("404 Not Found"),
        answering("503 Service Unavailable"),
        b"",
        b"no protocol\r\n\r\n",
    ],
    ids=["redirect", "unknown", "away", "closed", "nonsense"],
)
async def test_what_is_no_success_is_sent_again(answer: bytes) -> None:
    """
    A redirect is not followed.
    """
    async with endpoint(answer) as (called, got):
        with pytest.raises(WebhookDelayed):
            await HttpWebhooks(anywhere=True).send(MESSAGE, called, NOON)
    assert len(got) == 1


async def test_nobody_listens() -> None:
    """
    It is sent again later.
    """
    async with endpoint(b"") as (called, _):
        pass
    with pytest.raises(WebhookDelayed):
        await HttpWebhooks(anywhere=True).send(MESSAGE, called, NOON)


async def test_what_is_gone_is_not_tried_again() -> None:
    """
    The endpoint says so itself.
    """
    async with endpoint(answering("410 Gone")) as (called, _):
        with pytest.raises(WebhookRefused):
            await HttpWebhooks(anywhere=True).send(MESSAGE, called, NOON)


async def test_this_machine_is_not_called_in_production() -> None:
    """
    Whatever name leads to it: nothing is sent.
    """
    async with endpoint(answering("200 OK")) as (called, got):
        for host in ("127.0.0.1", "localhost"):
            url = called.url.replace("127.0.0.1", host)
            with pytest.raises(WebhookRefused):
                await HttpWebhooks().send(
                    MESSAGE, WebhookEndpoint(url=url, secrets=(SECRET,)), NOON
                )
    assert got == []
