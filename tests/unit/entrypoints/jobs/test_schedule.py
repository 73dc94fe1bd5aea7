"""A scheduled job runs once a round, however many ask for it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from entrypoints.jobs.recorded_runs import BATCHES_PER_RUN_MAX
from entrypoints.jobs.schedule import (
    ANCHOR_CHECKPOINT,
    BY_NAME,
    CHECK_IN_FULL,
    CHECK_INVARIANTS,
    EVERY,
    FORGET_DELIVERIES,
    FORGET_KEYS,
    JUDGE_ALERTS,
    LAPSE_REQUESTS,
    POLL_ORDERS,
    REMIND_DISPUTES,
    REMIND_STAFF,
    OncePerSlot,
    StaticSchedule,
)
from fakes.clock import StoppedClock
from fakes.jobs.job_runs import MemoryJobRuns
from fakes.store import Store


class WorkerTask:
    def __init__(self, *batches: int) -> None:
        self.batches = list(batches)
        self.calls = 0

    async def __call__(self) -> int:
        self.calls += 1
        await asyncio.sleep(0)
        return self.batches.pop(0) if self.batches else 0


@pytest.mark.parametrize(("second", "begins"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10), (59, 55)])
def test_a_round_begins_at_the_same_instant_for_all(second: int, begins: int) -> None:
    """
    OncePerSlot are counted from one fixed instant, not from when a process started.
    """
    at = datetime(2026, 8, 3, 12, 0, second, 999, tzinfo=UTC)

    assert BY_NAME[POLL_ORDERS].slot_of(at) == at.replace(second=begins, microsecond=0)


async def test_two_who_ask_at_once_make_one_run() -> None:
    """
    Two schedulers, a repeated task and the worker's own timer: one run in this round, one in the next.
    """
    store, clock, task = Store(), StoppedClock(), WorkerTask()
    workers = [OncePerSlot(MemoryJobRuns(store), clock.now) for _ in range(5)]

    async def all_ask() -> None:
        await asyncio.gather(*(each.run(POLL_ORDERS, task) for each in workers))

    await all_ask()
    assert task.calls == 1

    clock.move(timedelta(seconds=4))
    await all_ask()
    assert task.calls == 1

    clock.move(timedelta(seconds=1))
    await all_ask()
    assert task.calls == 2


async def test_a_run_goes_on_until_nothing_is_due() -> None:
    """
    Batches follow each other within one round, and their sum is reported.
    """
    task = WorkerTask(64, 64, 3)

    assert await OncePerSlot(MemoryJobRuns(Store())).run(POLL_ORDERS, task) == 131
    assert task.calls == 4


async def test_a_run_has_an_end() -> None:
    """
    A chore that never runs dry gives others a turn.
    """
    task = WorkerTask(*[1] * (BATCHES_PER_RUN_MAX * 2))

    assert await OncePerSlot(MemoryJobRuns(Store())).run(POLL_ORDERS, task) == (BATCHES_PER_RUN_MAX)


async def test_the_schedule_lists_its_jobs_without_being_started() -> None:
    """
    Each job has a name that stays, and carries no data. What takes longer than a task may is not in it.
    """
    jobs = await StaticSchedule().get_schedules()

    assert {(job.task_name, job.schedule_id, job.interval) for job in jobs} == {
        (POLL_ORDERS, POLL_ORDERS, timedelta(seconds=5)),
        (CHECK_INVARIANTS, CHECK_INVARIANTS, timedelta(minutes=5)),
        (LAPSE_REQUESTS, LAPSE_REQUESTS, timedelta(hours=1)),
        (ANCHOR_CHECKPOINT, ANCHOR_CHECKPOINT, timedelta(hours=1)),
        (REMIND_STAFF, REMIND_STAFF, timedelta(days=1)),
        (REMIND_DISPUTES, REMIND_DISPUTES, timedelta(minutes=5)),
        (JUDGE_ALERTS, JUDGE_ALERTS, timedelta(minutes=5)),
        (FORGET_DELIVERIES, FORGET_DELIVERIES, timedelta(days=1)),
        (FORGET_KEYS, FORGET_KEYS, timedelta(days=1)),
    }
    assert CHECK_IN_FULL in EVERY
    for job in jobs:
        assert not (job.args)
        assert not (job.kwargs)
        assert not (job.labels)
