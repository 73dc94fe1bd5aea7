"""A worker with real Valkey: woken, deserted, and never asking for more than the database."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from prometheus_client import CollectorRegistry

from entrypoints.jobs.backoff import wait_for
from entrypoints.jobs.loops import HEARTBEAT_SECONDS
from entrypoints.jobs.schedule import POLL_ORDERS
from entrypoints.jobs.scheduler import schedule
from entrypoints.jobs.wakeup_sender import WakeupSender
from entrypoints.jobs.worker import Worker
from entrypoints.telemetry.metrics import Metrics
from entrypoints.telemetry.telemetry import Telemetry
from fakes.valkey import ComingAndGoing
from fakes.worker_tasks import ToldChores

BRIEFLY = 0.02


@asynccontextmanager
async def working(told: ToldChores, redis_url: str | None) -> AsyncIterator[Worker]:
    """Run a worker that never looks by itself a second time: only a call moves its loops."""
    shutdown = asyncio.Event()

    async def only_when_called(event: asyncio.Event, seconds: float) -> None:
        if event is shutdown and seconds < HEARTBEAT_SECONDS:
            await wait_for(event, BRIEFLY)
        else:
            await event.wait()

    worker = Worker(
        tasks=told.tasks(),
        shutdown=shutdown,
        shutdown_seconds=5,
        redis_url=redis_url,
        wait=only_when_called,
    )
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        shutdown.set()
        await running


async def first_look(told: ToldChores) -> None:
    """Let the loops look once; whatever is told afterwards is due to a call."""
    waiting = {"inbox", "outbox", "expired", "reconciled"}
    while waiting:
        waiting.discard(await told.done.get())


async def test_a_call_wakes_the_loops(redis_url: str) -> None:
    """
    What the API has just stored is looked for at once, long before the next poll; so is a run that was asked for.
    """
    told, wake = ToldChores(), WakeupSender(redis_url)
    async with working(told, redis_url):
        await first_look(told)

        await wake()
        await first_look_without_expiry(told)

    await wake.close()
    assert told.stopped


async def first_look_without_expiry(told: ToldChores) -> None:
    waiting = {"inbox", "outbox", "reconciled"}
    while waiting:
        waiting.discard(await told.done.get())


async def test_without_redis_everything_is_done_all_the_same() -> None:
    """
    The worker looks into the database by itself, sessions that ran out included.
    """
    told = ToldChores()
    async with working(told, None):
        await first_look(told)

    assert told.expired == 1


async def test_redis_goes_and_comes_back(
    coming_and_going: ComingAndGoing,
) -> None:
    """
    The worker outlives it, and listens again without being told; an empty Valkey is no obstacle.
    """
    valkey, told, wake = coming_and_going, ToldChores(), WakeupSender(coming_and_going.url)
    async with working(told, valkey.url):
        await first_look(told)  # with Valkey not there yet
        valkey.come()
        await wake()
        await told.until("inbox")

        with listening_for("redis.unavailable") as away:
            valkey.go()
            await wake()
            await away.wait()
        valkey.come()

        await wake()
        await told.until("inbox")

    await wake.close()


class Heard(logging.Handler):
    """Sets *event* when a line of ours with *words* is logged."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words, self.event = words, asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if self.words in record.getMessage():
            self.event.set()


@contextmanager
def listening_for(words: str) -> Iterator[asyncio.Event]:
    heard, logger = Heard(words), logging.getLogger("entrypoints.jobs")
    logger.addHandler(heard)
    try:
        yield heard.event
    finally:
        logger.removeHandler(heard)


async def test_a_database_that_is_late_is_waited_for() -> None:
    """
    A worker started before its database begins when that is there.
    """
    told = ToldChores(starts_failing=3)
    async with working(told, None):
        await told.until("started")


async def test_two_schedulers_and_two_workers_make_one_run_a_round(redis_url: str) -> None:
    """
    Four ask in the same rounds; each round is run by whoever was first, and by nobody else.
    """
    told, shutdown, registry = ToldChores(), asyncio.Event(), CollectorRegistry()
    telemetry = Telemetry(Metrics(registry))
    async with working(told, redis_url), working(told, redis_url):
        schedulers = [
            asyncio.create_task(schedule(redis_url, shutdown, telemetry)) for _ in range(2)
        ]
        for _ in range(4):
            await told.until("asked")
        shutdown.set()
        await asyncio.gather(*schedulers)

    assert told.asked == 4
    sent = {"job": POLL_ORDERS, "outcome": "sent"}
    assert (registry.get_sample_value("shulk_job_triggers_total", sent) or 0) >= 1
    assert len(told.claimed) == len(set(told.claimed)) == told.expired <= 2


async def test_a_scheduler_without_redis_waits_for_its_end() -> None:
    """
    It does not end by itself: whoever supervises it would start it over and over.
    """
    shutdown = asyncio.Event()
    running = asyncio.create_task(schedule(None, shutdown))
    await asyncio.sleep(0)
    assert not running.done()

    shutdown.set()
    await running


async def test_a_scheduler_outlives_redis(
    coming_and_going: ComingAndGoing,
) -> None:
    """
    A call that does not get through is one warning; the scheduler goes on.
    """
    shutdown = asyncio.Event()
    with listening_for("redis.unavailable") as away:
        running = asyncio.create_task(schedule(coming_and_going.url, shutdown))
        await away.wait()

    assert not running.done()
    shutdown.set()
    await running
