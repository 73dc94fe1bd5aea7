"""A body that does not come ends its request, and nobody without credentials makes us wait for one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest
from litestar import Litestar

from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.body_deadline import BodyDeadlines
from entrypoints.http.security.headers import Outermost
from worlds.http import Client, HttpWorld
from worlds.settings import settings_with

SOON: Final = 0.05
NEVER: Final = 3600.0
ANSWERED_WITHIN_SECONDS: Final = 5.0
FIRST: Final = {"type": "http.request", "body": b"{", "more_body": True}
LAST: Final = {"type": "http.request", "body": b"}", "more_body": False}


class Sender:
    """Sends *messages*, and then nothing more."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.asked = 0

    async def receive(self) -> Any:
        self.asked += 1
        if self.messages:
            return self.messages.pop(0)
        return await asyncio.sleep(NEVER)


async def answer_to(
    app: Litestar, sender: Sender, path: str, headers: dict[str, str]
) -> tuple[int, dict[str, str]]:
    """Return status and headers of the answer to a POST whose body *sender* sends."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.7", 50_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    async with asyncio.timeout(ANSWERED_WITHIN_SECONDS):
        await app(scope, sender.receive, send)
    begun = sent[0]
    return begun["status"], {name.decode(): value.decode() for name, value in begun["headers"]}


@contextmanager
def impatient(world: HttpWorld, seconds: float = SOON) -> Iterator[Litestar]:
    with world.lent() as app:
        handler = app.asgi_handler
        assert isinstance(handler, Outermost)
        app.asgi_handler = replace(handler, bodies=BodyDeadlines(seconds, crowd=100))
        try:
            yield app
        finally:
            app.asgi_handler = handler


def headers_of(world: HttpWorld) -> dict[str, str]:
    return {**world.bearer(), "Content-Type": "application/json", "Content-Length": "100"}


@pytest.mark.parametrize("messages", [(), (FIRST,)])
@pytest.mark.parametrize("path", ["/api/payment/initiate", "/session/exchange"])
async def test_a_body_that_does_not_come_ends_its_request(
    world: HttpWorld, path: str, messages: tuple[dict[str, Any], ...]
) -> None:
    """
    408, told as a problem, and the connection is not used again.
    """
    with impatient(world) as app:
        status, headers = await answer_to(app, Sender(*messages), path, headers_of(world))

    assert (status, headers["content-type"]) == (408, "application/problem+json")
    assert headers["connection"] == "close"


async def test_a_webhook_without_credentials_is_not_waited_for(world: HttpWorld) -> None:
    """
    It is refused by its headers: its body is not asked for once.
    """
    sender = Sender(FIRST)
    headers = {"Content-Length": "1000000"}
    with impatient(world, NEVER) as app:
        status, _ = await answer_to(app, sender, "/api/payment/webhook", headers)

    assert (status, sender.asked) == (401, 0)


@pytest.mark.parametrize("path", ["/api/payment/initiate", "/api/admin/payment/refund"])
async def test_nobody_is_waited_for_without_a_token(world: HttpWorld, path: str) -> None:
    """
    The same for every route behind a permission.
    """
    sender = Sender(FIRST)
    headers = {"Content-Type": "application/json", "Content-Length": "100000"}
    with impatient(world, NEVER) as app:
        status, _ = await answer_to(app, sender, path, headers)

    assert (status, sender.asked) == (401, 0)


async def test_an_honest_body_is_read(client: Client, world: HttpWorld) -> None:
    """
    In one piece or several.
    """
    whole = Sender(FIRST, LAST)
    with impatient(world, NEVER) as app:
        status, _ = await answer_to(app, whole, "/session/exchange", headers_of(world))

    assert status == 422


async def received(bodies: BodyDeadlines, sender: Sender) -> list[dict[str, Any]]:
    receive = bodies.around(sender.receive)
    found: list[dict[str, Any]] = []
    while not found or found[-1]["more_body"]:
        found.append(dict(await receive()))
    return found


async def test_the_deadline_is_for_the_whole_body() -> None:
    """
    A byte now and then does not put it off.
    """

    class Dripping(Sender):
        async def receive(self) -> Any:
            self.asked += 1
            await asyncio.sleep(SOON / 10)
            return FIRST if self.asked < 40 else LAST

    with pytest.raises(HttpProblem) as refusal:
        await received(BodyDeadlines(SOON, crowd=100), Dripping())
    assert refusal.value.problem.kind.slug == "body-too-slow"


async def test_time_that_we_took_ourselves_is_not_the_senders() -> None:
    """
    A body that is asked for late has its whole time from then on.
    """

    class Prompt(Sender):
        async def receive(self) -> Any:
            await asyncio.sleep(0)
            return await super().receive()

    receive = BodyDeadlines(SOON, crowd=100).around(Prompt(FIRST, LAST).receive)
    await asyncio.sleep(SOON * 2)

    assert [await receive(), await receive()] == [FIRST, LAST]


async def test_what_follows_the_body_is_not_limited() -> None:
    """
    A handler that waits for the client to leave waits as long as it likes.
    """
    sender = Sender(FIRST, LAST)
    receive = BodyDeadlines(SOON, crowd=100).around(sender.receive)
    assert [await receive(), await receive()] == [FIRST, LAST]

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SOON * 4):
            await receive()


async def test_in_a_crowd_a_body_has_less_time() -> None:
    """
    Slow senders cannot take all the room there is; when they are gone, all is as before.
    """
    bodies = BodyDeadlines(NEVER, crowd=3)
    receive: Callable[[], Awaitable[object]] = bodies.around(Sender().receive)
    waiting = [asyncio.ensure_future(receive()) for _ in range(3)]
    assert bodies.seconds_now == NEVER
    await asyncio.sleep(0)

    assert bodies.seconds_now == NEVER / 5
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert bodies.seconds_now == NEVER


def test_the_time_is_a_setting() -> None:
    """
    With half of all connections as a crowd, and never less than a second.
    """
    bodies = BodyDeadlines.of(settings_with(body_seconds="3", connections_max="100"))
    assert (bodies.seconds, bodies.crowd) == (3, 50)
    assert BodyDeadlines(3, crowd=0).seconds_now == 1
