"""A payment as spans: nothing private in them, and nothing waits for whoever receives them."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from httpx import ASGITransport, AsyncClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from entrypoints.http.app import install, new_app
from entrypoints.telemetry.telemetry import Telemetry
from entrypoints.telemetry.tracing import WAITING_MAX, Tracing, send_to
from worlds.http import CHECKOUT, HttpWorld

SOON = 0.01
BRIEFLY = 0.2
LONG = 20.0
THREADS = "Otel"


@asynccontextmanager
async def traced(world: HttpWorld, telemetry: Telemetry) -> AsyncIterator[AsyncClient]:
    """
    Yield a client of an application that sends its spans by *telemetry*.

    The application runs in the event loop of the test, so that a request that waits for the collector ends with
    the test's own time-out and is told by its line; a client with a thread of its own would wait for ever.
    """
    wiring = world.wiring()
    app = new_app(world.settings, telemetry)
    install(world.dependencies(wiring), app)
    transport = ASGITransport(app)  # type: ignore[arg-type]  # litestar's types of a message are narrower
    try:
        async with AsyncClient(transport=transport, base_url=world.settings.public_url) as client:
            yield client
    finally:
        wiring.give_back()


async def pay(world: HttpWorld, client: AsyncClient, number: int = 0) -> str:
    """Let a student begin a payment, look at it, and ask for one that is not there."""
    headers = world.bearer(f"student-asha-{number}") | {"Idempotency-Key": f"{number:020}"}
    begun = await client.post("/api/payment/initiate", json=CHECKOUT, headers=headers)
    assert begun.status_code == 201
    payment = str(begun.json()["transaction_id"])
    await client.get(f"/api/payment/status/{payment}", headers=headers)
    await client.get(f"/nothing/{payment}?token=secret", headers=headers)
    return payment


async def test_nothing_private_is_sent(world: HttpWorld) -> None:
    """
    No id of a student, no payment, no name, no header and nothing of an address: templates and outcomes alone.
    """
    sent = InMemorySpanExporter()
    telemetry = Telemetry(spans=Tracing(SimpleSpanProcessor(sent), "shulk-api"))
    async with traced(world, telemetry) as client:
        payment = await pay(world, client)

    spans = sent.get_finished_spans()
    assert next(each.name for each in spans) == "/api/payment/initiate"
    assert spans[-1].name == "none"
    everything = "".join(each.to_json() for each in spans)
    for private in (payment, "asha", "Asha", "secret", "Bearer", world.settings.cookie_key):
        assert private not in everything, private
    for each in spans:
        assert (each.attributes or {})["shulk.correlation_id"]


@pytest.fixture
def no_thread_stays() -> Iterator[None]:
    """Wait, but not for ever, until the threads that a test began have ended."""
    yield
    for each in threading.enumerate():
        if each.name.startswith(THREADS):
            each.join(LONG)


@pytest.mark.usefixtures("no_thread_stays")
async def test_a_collector_that_hangs_holds_no_payment_up(world: HttpWorld) -> None:
    """
    It took the connection and says nothing, while more spans come than are kept: payments go on, and so does the end.
    """
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        # Connections are taken by the system, and nobody reads from them.
        silent.listen()
        processor = send_to(f"http://127.0.0.1:{silent.getsockname()[1]}", SOON, BRIEFLY)
        telemetry = Telemetry(spans=Tracing(processor, "shulk-api"))
        async with traced(world, telemetry) as client, asyncio.timeout(LONG):
            await pay(world, client)
            for _ in range(2 * WAITING_MAX):
                with telemetry.statement("queues.outbox.claim"):
                    pass
            await pay(world, client, 1)
        telemetry.end()


@pytest.mark.usefixtures("no_thread_stays")
async def test_a_collector_that_refuses_holds_no_payment_up(world: HttpWorld) -> None:
    """
    Nobody listens where spans go.
    """
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        processor = send_to(f"http://127.0.0.1:{nobody.getsockname()[1]}", SOON, BRIEFLY)
        telemetry = Telemetry(spans=Tracing(processor, "shulk-api"))
        async with traced(world, telemetry) as client, asyncio.timeout(LONG):
            for number in range(3):
                await pay(world, client, number)
        telemetry.end()
