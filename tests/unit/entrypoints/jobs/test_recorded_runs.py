"""A run leaves its record however it ends, and holds its lease as long as it goes on."""

import asyncio
from datetime import timedelta

import pytest

from domain.jobs.job import JobResult, JobTrigger
from entrypoints.jobs.recorded_runs import LEASE, RecordedRuns
from entrypoints.jobs.schedule import JOBS
from entrypoints.jobs.worker import periodic_tasks
from fakes.clock import StoppedClock
from fakes.jobs.job_runs import MemoryJobRuns
from fakes.store import Store
from fakes.worker_tasks import ToldChores
from ports.unit_of_work import StorageUnavailable


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def runs() -> MemoryJobRuns:
    return MemoryJobRuns(Store())


async def nothing_due() -> int:
    return 0


async def test_a_failed_run_names_the_kind_of_its_error(
    runs: MemoryJobRuns, clock: StoppedClock
) -> None:
    """
    And nothing of its text, which may be private; whoever called it is told the error.
    """

    async def fails() -> int:
        raise ValueError("of asha@example.com")

    with pytest.raises(ValueError, match="asha"):
        await RecordedRuns(runs, clock.now).begin(
            "sweep", fails, trigger=JobTrigger.SCHEDULE, by="system"
        )

    (run,) = await runs.remembered(at_most=9)
    assert (run.result, run.why, run.ended_at) == (JobResult.FAILED, "ValueError", clock.now())


async def test_a_run_that_goes_on_is_not_joined(runs: MemoryJobRuns, clock: StoppedClock) -> None:
    """
    The scheduled run passes, and the one that was asked for waits.
    """
    recorded = RecordedRuns(runs, clock.now)
    begun = await runs.begin(
        "sweep", trigger=JobTrigger.PERSON, by="staff:mira", at=clock.now(), lease=LEASE
    )
    assert begun is not None
    calls = []

    async def told() -> int:
        calls.append(1)
        return 0

    assert not await recorded.begin("sweep", told, trigger=JobTrigger.SCHEDULE, by="system")
    assert not await recorded.take_asked({"sweep": told})
    assert not calls


async def test_a_long_run_keeps_its_lease(runs: MemoryJobRuns, clock: StoppedClock) -> None:
    """
    Although its worker is busy with it for longer; a database that is away for a moment costs nothing.
    """
    renewed = asyncio.Event()
    troubles = [StorageUnavailable("away")]

    class Observed(MemoryJobRuns):
        async def renew(self, claim: object, until: object) -> None:
            if troubles:
                raise troubles.pop()
            await MemoryJobRuns.renew(self, claim, until)  # type: ignore[arg-type]
            renewed.set()

    async def long() -> int:
        clock.move(timedelta(hours=1))
        await renewed.wait()
        return 0

    observed = Observed(runs.store)
    await RecordedRuns(observed, clock.now, renew_seconds=0).begin(
        "sweep", long, trigger=JobTrigger.SCHEDULE, by="system"
    )

    state = await runs.state("sweep")
    assert state.last is not None
    assert state.last.result is JobResult.DONE


async def test_the_end_is_not_worth_another_error(runs: MemoryJobRuns, clock: StoppedClock) -> None:
    """
    A database that is away when the run has ended: the run is over with its lease.
    """

    class Away(MemoryJobRuns):
        async def end(self, *_: object, **__: object) -> None:
            raise StorageUnavailable("away")

    recorded = RecordedRuns(Away(runs.store), clock.now)
    await recorded.begin("sweep", nothing_due, trigger=JobTrigger.SCHEDULE, by="system")

    assert (await runs.state("sweep")).is_running(clock.now())
    assert not (await runs.state("sweep")).is_running(clock.now() + LEASE)


def test_every_job_of_the_registry_has_its_task() -> None:
    """
    What the pages name is what the workers do.
    """
    assert set(periodic_tasks(ToldChores().tasks())) == {job.name for job in JOBS}
