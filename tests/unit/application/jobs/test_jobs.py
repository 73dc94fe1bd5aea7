"""Jobs are listed with what is known of them, and asked for once."""

import asyncio
from datetime import timedelta

import pytest

from application.jobs.ask_job import AskJob
from application.jobs.list_jobs import ListJobs
from domain.errors import NotFound
from domain.jobs.job import Job, JobResult, JobRunning, JobTrigger
from fakes.samples import BY_STAFF
from worlds.memory import MemoryWorld

LEASE = timedelta(minutes=1)
REGISTRY = (
    Job(name="sweep", about="Sweeps.", every=timedelta(minutes=5)),
    Job(name="mail", about="Sends.", every=timedelta(hours=1)),
)


@pytest.fixture
def jobs(world: MemoryWorld) -> ListJobs:
    return ListJobs(REGISTRY, world.memory.job_runs, world.clock)


@pytest.fixture
def ask(world: MemoryWorld, jobs: ListJobs) -> AskJob:
    return AskJob(jobs, world.memory.unit_of_work, world.clock)


async def test_all_jobs_are_listed(world: MemoryWorld, jobs: ListJobs) -> None:
    """
    In the registry's order, those that never ran as well; what was lost is called so.
    """
    at = world.clock.now()
    runs = world.memory.job_runs
    await runs.begin("mail", trigger=JobTrigger.SCHEDULE, by="system", at=at, lease=LEASE)
    sweep, mail = await jobs()
    assert (sweep.job.name, sweep.state.last, sweep.running) == ("sweep", None, False)
    assert sweep.next_at == at + timedelta(minutes=5)
    assert mail.running

    world.clock.move(LEASE)
    lost = await jobs.of("mail")
    assert not lost.running
    assert lost.state.last is not None
    assert lost.state.last.result is JobResult.LOST
    assert not await jobs.remembered()


async def test_a_run_is_asked_for_once(world: MemoryWorld, ask: AskJob) -> None:
    """
    Of all who ask at the same moment one is heard, and written down; the others are told.
    """
    answers = await asyncio.gather(
        *(ask("sweep", BY_STAFF) for _ in range(3)), return_exceptions=True
    )

    assert sum(isinstance(each, JobRunning) for each in answers) == 2
    (entry,) = world.memory.store.audit
    assert (entry.action, entry.subject) == ("job.asked", "job:sweep")
    state = await world.memory.job_runs.state("sweep")
    assert state.asked_by == BY_STAFF.actor


async def test_a_job_that_there_is_not(ask: AskJob) -> None:
    """
    What was asked for is not repeated: it may be anything.
    """
    with pytest.raises(NotFound) as refusal:
        await ask("4111111111111111", BY_STAFF)

    assert "4111" not in str(refusal.value)
