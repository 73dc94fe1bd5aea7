"""Workers deliver to a receiver that fails in every way it can: each fact arrives, verifiable, and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Final

import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.queues.webhook_deliveries import PostgresDeliveries
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.webhooks.platform_endpoints import PostgresEndpoints
from adapters.system.identifiers import new_endpoint_id, new_webhook_secret
from adapters.webhook import sender as webhook_sender
from adapters.webhook.sender import HttpWebhooks
from application.webhooks.call_endpoint import CallEndpoint
from application.webhooks.manage_endpoints import ManageEndpoints, NewEndpoint
from application.webhooks.relay_webhooks import LEASE, RelayWebhooks
from domain.webhooks.webhook_event import WebhookEvent
from fakes.alerts import AlertBook
from fakes.cipher import MemoryCipher
from fakes.clock import StoppedClock
from fakes.hooked import an_event
from fakes.samples import BY_STAFF
from ports.notifications.webhook_sender import WebhookEndpoint, WebhookMessage

FACTS: Final = 12
HOUR: Final = timedelta(hours=1)
HUGE: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 100_000
AWAY: Final = b"HTTP/1.1 500 Away\r\nContent-Length: 0\r\n\r\n"
TAKEN: Final = b"HTTP/1.1 204 Taken\r\n\r\n"
SILENCE: Final = b"silence"
PATIENCE_SECONDS: Final = 0.2
"""For how long a call waits; what answers at all answers long before."""


@dataclass
class Receiver:
    """Answers in one way after the other; what it answers 2xx it has taken, by the ids that it keeps."""

    answers: list[bytes] = field(default_factory=list)
    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    heads: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    silent: int = 0

    def __post_init__(self) -> None:
        self.next = cycle(self.answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.split(": ", 1) for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        name, answer = headers["webhook-id"], next(self.next)
        self.bodies.setdefault(name, set()).add(body)
        self.heads.append((headers, body))
        if answer is SILENCE:
            # Until the caller has lost patience, and closes the line.
            assert not await reader.read()
            self.silent += 1
            writer.close()
            return
        if answer.startswith(b"HTTP/1.1 2"):
            self.taken.add(name)
        writer.write(answer)
        writer.close()


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[str]:
    async with await asyncio.start_server(receiver.serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@dataclass
class DiesAfterwards:
    """Sends, and dies before anybody knows it: the first *times* calls."""

    sender: HttpWebhooks
    times: int

    async def send(self, message: WebhookMessage, endpoint: WebhookEndpoint, at: datetime) -> None:
        await self.sender.send(message, endpoint, at)
        if self.times:
            self.times -= 1
            raise asyncio.CancelledError


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=8))
    yield database
    await database.close()


async def test_each_fact_arrives_whatever_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Errors, silence, closed lines, huge answers, redirects inward and workers that die: the same id and body each time.
    """
    monkeypatch.setattr(webhook_sender, "SECONDS_MAX", PATIENCE_SECONDS)
    inward = Receiver([TAKEN])
    async with listening(inward) as private:
        redirect = (
            f"HTTP/1.1 302 Found\r\nLocation: {private}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        receiver = Receiver([AWAY, HUGE, SILENCE, redirect, b"", TAKEN, b"nonsense\r\n\r\n", TAKEN])
        async with listening(receiver) as url:
            secret = await _deliver_all(database, url, [an_event(n) for n in range(1, FACTS + 1)])

    ids = {an_event(number).id for number in range(1, FACTS + 1)}
    assert receiver.taken == ids
    assert {len(bodies) for bodies in receiver.bodies.values()} == {1}
    assert len(receiver.heads) > FACTS
    assert receiver.silent
    for headers, body in receiver.heads:
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        signed = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
        assert headers["webhook-signature"] == signed
    assert not inward.heads


async def _deliver_all(database: Database, url: str, events: list[WebhookEvent]) -> str:
    """Return the secret of the endpoint at *url* after two workers have delivered all *events* to it."""
    clock, cipher, unit = StoppedClock(), MemoryCipher(), PostgresUnitOfWork(database)
    endpoints, deliveries = PostgresEndpoints(database), PostgresDeliveries(database)
    sender = DiesAfterwards(HttpWebhooks(anywhere=True), times=3)
    call = CallEndpoint(sender, cipher, clock)
    manage = ManageEndpoints(
        endpoints=endpoints,
        deliveries=deliveries,
        unit_of_work=unit,
        cipher=cipher,
        call=call,
        clock=clock,
        new_id=new_endpoint_id,
        new_secret=new_webhook_secret,
        public=False,
    )
    added = await manage.add(
        NewEndpoint(url=url, types=frozenset(), description="", origin=BY_STAFF)
    )
    async with unit() as work:
        work.webhooks.deliveries.enqueue(events, clock.now())
    worker = RelayWebhooks(
        deliveries=deliveries,
        endpoints=endpoints,
        unit_of_work=unit,
        call=call,
        alerts=AlertBook(),
        clock=clock,
        jitter=lambda: 0,
    )
    for _ in range(200):
        await asyncio.gather(worker(), worker(), return_exceptions=True)
        if not await _open(database):
            break
        clock.move(max(LEASE, HOUR))
    assert not await _open(database)
    return added.secret


async def _open(database: Database) -> int:
    async with database.borrow() as connection:
        found = await connection.driver.fetchval(
            "SELECT count(*) FROM webhook_delivery WHERE state <> 'done'"
        )
    return int(found)
