"""The worker's loops keep going: at rest, in a rush, and while something is broken."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from entrypoints.jobs.backoff import BACK_OFF_SECONDS, back_off, wait_for
from entrypoints.jobs.loops import POLL_SECONDS, Loop, heartbeat
from ports.unit_of_work import StorageUnavailable


@dataclass
class Rests:
    """Takes the place of waiting: notes each rest and ends it at once; *at* does something there."""

    seconds: list[float] = field(default_factory=list)
    at: dict[int, Callable[[], None]] = field(default_factory=dict)

    async def __call__(self, _event: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        self.seconds.append(seconds)
        if (what := self.at.get(len(self.seconds))) is not None:
            what()


@dataclass
class Planned:
    """A chore that returns or raises what was planned, then sets *shutdown*."""

    shutdown: asyncio.Event
    plan: list[int | Exception]
    calls: int = 0

    async def __call__(self) -> int:
        self.calls += 1
        outcome = self.plan.pop(0)
        if not self.plan:
            self.shutdown.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def loop_over(*plan: int | Exception, batch_size: int | None = 4) -> tuple[Loop, Planned, Rests]:
    shutdown, rests = asyncio.Event(), Rests()
    task = Planned(shutdown, list(plan))
    loop = Loop(job="drain", task=task, batch_size=batch_size, shutdown=shutdown, wait=rests)
    return loop, task, rests


async def test_a_full_batch_is_followed_at_once() -> None:
    """
    There is no rest while more may be due; what is handled is counted.
    """
    loop, task, rests = loop_over(4, 4, 1, 0)

    await loop.run()

    assert task.calls == 4
    assert rests.seconds == [POLL_SECONDS, POLL_SECONDS]
    assert loop.handled["drain"] == 9


async def test_trouble_is_survived_with_growing_patience(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    The database away, or a bug: the loop waits longer each time, and is as quick as ever afterwards.
    """
    loop, task, rests = loop_over(
        StorageUnavailable("away"), KeyError("bug"), StorageUnavailable("away"), 0, KeyError("x"), 0
    )

    await loop.run()

    assert task.calls == 6
    expected = [*BACK_OFF_SECONDS[:3], POLL_SECONDS, BACK_OFF_SECONDS[0], POLL_SECONDS]
    assert rests.seconds == expected
    levels = [each.levelno for each in caplog.records]
    assert levels == [logging.WARNING, logging.ERROR, logging.WARNING, logging.ERROR]


async def test_a_wake_up_ends_the_rest() -> None:
    """
    A resting loop looks again as soon as it is called; the poll would have taken an hour.
    """
    shutdown = asyncio.Event()
    looked: asyncio.Queue[int] = asyncio.Queue()

    async def task() -> int:
        looked.put_nowait(1)
        return 0

    loop = Loop(job="drain", task=task, seconds=3600, shutdown=shutdown)
    running = asyncio.create_task(loop.run())
    await looked.get()

    loop.wake()
    await looked.get()

    shutdown.set()
    loop.wake()
    await running


async def test_a_call_during_work_is_not_lost() -> None:
    """
    What came in after the chore had looked makes it look once more.
    """
    shutdown = asyncio.Event()
    calls = 0

    async def task() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            loop.wake()
        else:
            shutdown.set()
            loop.wake()
        return 0

    loop = Loop(job="drain", task=task, seconds=3600, shutdown=shutdown)
    await loop.run()

    assert calls == 2


async def test_the_heartbeat_tells_what_was_done_since(caplog: pytest.LogCaptureFixture) -> None:
    """
    Once a minute, with counts that begin anew.
    """
    caplog.set_level(logging.INFO)
    loop, _, _ = loop_over(3, 0)
    await loop.run()
    shutdown = asyncio.Event()
    rests = Rests(at={2: shutdown.set})

    await heartbeat(loop.handled, shutdown, rests)

    lines = [each for each in caplog.records if each.getMessage() == "worker.alive"]
    assert [vars(each)["count"] for each in lines] == [{"drain": 3}, {}]
    assert rests.seconds == [60.0, 60.0]


async def test_waiting_ends_with_the_event_or_the_time() -> None:
    """
    Whichever is first, and neither is an error.
    """
    event = asyncio.Event()
    await wait_for(event, 0.001)
    event.set()

    await wait_for(event, 3600)


def test_patience_has_an_end() -> None:
    """
    However long the trouble lasts, the next try is seconds away.
    """
    assert back_off(1) == BACK_OFF_SECONDS[0]
    assert back_off(1000) == BACK_OFF_SECONDS[-1]
