"""The stream by which a page about a payment learns that it changed: bounded, private, and soon over."""

import asyncio

import pytest

from adapters.fake.script import Outcome
from entrypoints.http import event_streams
from entrypoints.http.event_streams import EventStreams
from entrypoints.http.pages import live_updates
from entrypoints.http.problems import HttpProblem
from worlds.http import Client, HttpWorld, begun_payment
from worlds.settings import settings_with


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams look without a pause, and last a blink."""
    monkeypatch.setattr(live_updates, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(event_streams, "STREAM_SECONDS_MAX", 0.02)


def version_in(page: str) -> str:
    return page.partition('data-version="')[2].partition('"')[0]


async def test_a_page_that_is_behind_is_told_at_once(client: Client, world: HttpWorld) -> None:
    """
    Only what it has not seen yet is news; what nobody waits for ends the watch.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment, Outcome.PENDING)
    page = (await client.get(f"/payments/{payment}", headers=world.bearer())).text
    seen = f"/payments/{payment}/events?seen={version_in(page)}"
    nothing = await client.get(seen, headers=world.bearer())
    world.pay(payment)
    world.clock.at = world.clock.at.replace(minute=59)
    news = await client.get(seen, headers=world.bearer())
    await world.file_due_documents()
    page = (await client.get(f"/payments/{payment}", headers=world.bearer())).text
    over = await client.get(
        f"/payments/{payment}/events?seen={version_in(page)}", headers=world.bearer()
    )

    assert nothing.headers["content-type"].startswith("text/event-stream")
    assert nothing.headers["cache-control"] == "no-store"
    assert "event:" not in nothing.text
    assert "retry: 1000" in nothing.text
    assert "event: changed" in news.text
    assert "event: settled" in over.text


async def test_what_cannot_be_read_ends_the_stream(
    client: Client, world: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Without a word: the browser connects again, and is told then.
    """
    monkeypatch.setattr(event_streams, "STREAM_SECONDS_MAX", 60.0)
    payment = await begun_payment(client, world.bearer())
    page = (await client.get(f"/payments/{payment}", headers=world.bearer())).text
    seen = f"/payments/{payment}/events?seen={version_in(page)}"
    watching = asyncio.create_task(client.get(seen, headers=world.bearer()))
    await asyncio.sleep(0.05)
    world.memory.store.payments.clear()

    assert "event:" not in (await asyncio.wait_for(watching, 5)).text


def test_one_person_has_so_many_streams() -> None:
    """
    The next is refused until one has ended; another person is not concerned.
    """
    now = 0.0
    streams = EventStreams(10.0, lambda: now)
    opened = [streams.opened("asha") for _ in range(event_streams.STREAMS_PER_PERSON_MAX)]
    for each in opened:
        streams.check_room("asha")
        each.__enter__()

    with pytest.raises(HttpProblem) as refused:
        streams.check_room("asha")
    streams.check_room("ravi")
    opened[0].__exit__(None, None, None)
    streams.check_room("asha")

    assert refused.value.problem.headers == {"Retry-After": "10"}


def test_a_stream_that_nobody_closed_is_not_counted_for_ever() -> None:
    """
    Its time is over, whatever became of it.
    """
    now = 0.0
    streams = EventStreams(10.0, lambda: now)
    for _ in range(event_streams.STREAMS_PER_PERSON_MAX):
        streams.opened("asha").__enter__()
    now = 11.0

    streams.check_room("asha")


async def test_a_stream_ends_with_its_process() -> None:
    """
    At once, though it would have had a long time.
    """
    streams = EventStreams(1_000.0)
    with streams.opened("asha") as stream:
        waiting = asyncio.create_task(stream.goes_on_after(900.0))
        await asyncio.sleep(0)
        streams.close()

        assert await waiting is False


@pytest.mark.parametrize(("shutdown", "life"), [(20, 10.0), (2, 1.0), (600, 15.0)])
def test_a_stream_ends_before_its_process_has_to(
    monkeypatch: pytest.MonkeyPatch, shutdown: int, life: float
) -> None:
    """
    The server waits for it, and kills what has not ended in time.
    """
    monkeypatch.undo()
    settings = settings_with(shutdown_seconds=str(shutdown))

    assert EventStreams.of(settings).life_seconds == life
