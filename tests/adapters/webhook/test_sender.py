"""One webhook over a real socket: what the endpoint answers decides whether it is sent again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import pytest

from adapters.webhook import sender
from adapters.webhook.sender import SLOW_WAIT, WAIT_MAX, HttpWebhooks
from fakes.clock import NOON
from ports.notifications.webhook_sender import (
    WebhookDelayed,
    WebhookEndpoint,
    WebhookGone,
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


@asynccontextmanager
async def silent_after(answer: bytes | None) -> AsyncIterator[WebhookEndpoint]:
    """Yield an endpoint that answers *answer* and then says nothing until it is left."""
    left = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer is not None:
            writer.write(answer)
        await left.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            yield WebhookEndpoint(url=f"http://127.0.0.1:{port}/hook", secrets=(SECRET,))
        finally:
            left.set()


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


async def test_who_asks_for_time_gets_it() -> None:
    """
    In seconds, an hour at most; a date is not read.
    """
    waits = []
    for told in ("120", "86400", "99999999999999999999", "Mon, 30 Nov 2026 06:30:00 GMT", ""):
        async with endpoint(answering(f"429 Slow down\r\nRetry-After: {told}")) as (called, _):
            with pytest.raises(WebhookDelayed) as delayed:
                await HttpWebhooks(anywhere=True).send(MESSAGE, called, NOON)
            waits.append(delayed.value.wait)

    assert waits == [timedelta(minutes=2), WAIT_MAX, WAIT_MAX, None, None]


async def test_a_slow_endpoint_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    All of a call is limited, whether it says nothing or begins an answer; it is left alone for a while.
    """
    monkeypatch.setattr(sender, "SECONDS_MAX", 0.05)
    for answer in (None, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"):
        async with silent_after(answer) as called:
            with pytest.raises(WebhookDelayed) as slow:
                await HttpWebhooks(anywhere=True).send(MESSAGE, called, NOON)
            assert slow.value.wait == SLOW_WAIT


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
        with pytest.raises(WebhookGone):
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
