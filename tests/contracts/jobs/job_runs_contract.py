"""What any keeper of the runs of jobs must do: run against the fake and against PostgreSQL."""

import asyncio
from datetime import timedelta
from typing import Final

import pytest

from contracts.storage import LEASE, SECOND, Storage
from domain.errors import ChangedMeanwhile
from domain.jobs.job import JobResult, JobRun, JobState, JobTrigger
from fakes.clock import NOON
from ports.jobs.job_runs import JobClaim

HISTORY_MAX: Final = 100
HOUR: Final = timedelta(hours=1)


async def begin(
    storage: Storage,
    later: timedelta = timedelta(),
    trigger: JobTrigger = JobTrigger.SCHEDULE,
    job: str = "sweep",
) -> JobClaim | None:
    return await storage.job_runs.begin(
        job, trigger=trigger, by="system", at=NOON + later, lease=LEASE
    )


async def run(storage: Storage, later: timedelta, result: JobResult, trigger: JobTrigger) -> None:
    claim = await begin(storage, later, trigger)
    assert claim is not None
    await storage.job_runs.end(claim, at=NOON + later + SECOND, result=result, handled=3)


async def ask(storage: Storage, job: str = "sweep", later: timedelta = timedelta()) -> None:
    async with storage.unit_of_work() as work:
        work.jobs.runs.ask(job, NOON + later, "staff:mira")


class JobRunsContract:
    """Subclasses give the fixture ``storage``."""

    async def test_a_slot_is_run_once(self, storage: Storage) -> None:
        """
        However many schedulers ask, for one job and one instant one is told yes.
        """
        claims = [("sweep", NOON)] * 3 + [("sweep", NOON + timedelta(minutes=1)), ("mail", NOON)]

        told = await asyncio.gather(*(storage.job_runs.claim(job, at) for job, at in claims))

        assert sum(told[:3]) == 1
        assert told[3:] == [True, True]

    async def test_one_run_at_a_time(self, storage: Storage) -> None:
        """
        Of those who begin at once one does; the next when it has ended, or when its lease has run out.
        """
        begun = await asyncio.gather(*(begin(storage) for _ in range(3)))
        (mine,) = (each for each in begun if each is not None)

        assert await begin(storage, LEASE - SECOND) is None
        assert await begin(storage, job="mail") is not None
        await storage.job_runs.end(mine, at=NOON + SECOND, result=JobResult.DONE, handled=2)
        assert await begin(storage, 2 * SECOND) is not None

    async def test_a_run_is_lost_with_its_lease(self, storage: Storage) -> None:
        """
        The next run is told apart from it: what the first one says later changes nothing.
        """
        lost = await begin(storage)
        assert lost is not None
        newer = await begin(storage, LEASE + SECOND)
        assert newer is not None
        await storage.job_runs.renew(lost, NOON + HOUR)
        await storage.job_runs.end(lost, at=NOON + HOUR, result=JobResult.DONE, handled=9)

        state = await storage.job_runs.state("sweep")
        assert state.last is not None
        assert (state.last.began_at, state.last.ended_at) == (NOON + LEASE + SECOND, None)
        assert state.lease_until == NOON + LEASE + SECOND + LEASE
        (remembered,) = await storage.job_runs.remembered(at_most=9)
        assert (remembered.began_at, remembered.result) == (NOON, JobResult.LOST)

    async def test_a_lease_is_renewed(self, storage: Storage) -> None:
        """
        A long run keeps others away as long as its worker lives.
        """
        claim = await begin(storage)
        assert claim is not None
        await storage.job_runs.renew(claim, NOON + HOUR)

        assert await begin(storage, LEASE + SECOND) is None

    async def test_a_run_that_is_asked_for(self, storage: Storage) -> None:
        """
        It waits for a worker who knows the job, and is taken once, for the one who asked.
        """
        await ask(storage)
        with pytest.raises(ChangedMeanwhile):
            await ask(storage, later=SECOND)
        assert await storage.job_runs.state("sweep") == JobState(
            job="sweep", asked_at=NOON, asked_by="staff:mira"
        )
        later = NOON + SECOND
        runs = storage.job_runs
        assert await runs.take_asked({"mail"}, at=later, lease=LEASE) is None
        taken = await runs.take_asked({"mail", "sweep"}, at=later, lease=LEASE)
        assert taken is not None
        assert await runs.take_asked({"mail", "sweep"}, at=later, lease=LEASE) is None
        with pytest.raises(ChangedMeanwhile):
            await ask(storage, later=2 * SECOND)

        await runs.end(taken, at=later + SECOND, result=JobResult.FAILED, handled=4, why="Trouble")
        assert await runs.states() == [
            JobState(
                job="sweep",
                last=JobRun(
                    job="sweep",
                    trigger=JobTrigger.PERSON,
                    by="staff:mira",
                    began_at=later,
                    ended_at=later + SECOND,
                    result=JobResult.FAILED,
                    handled=4,
                    why="Trouble",
                ),
            )
        ]
        await ask(storage, later=HOUR)

    async def test_what_is_asked_for_waits_for_the_run_before_it(self, storage: Storage) -> None:
        """
        A run that begins by the schedule meanwhile goes first.
        """
        await ask(storage)
        assert await begin(storage, SECOND) is not None

        at = NOON + 2 * SECOND
        assert await storage.job_runs.take_asked({"sweep"}, at=at, lease=LEASE) is None
        at = NOON + LEASE + HOUR
        assert await storage.job_runs.take_asked({"sweep"}, at=at, lease=LEASE) is not None

    async def test_what_is_remembered(self, storage: Storage) -> None:
        """
        Runs that persons asked for and those that were not done; the others leave their last state only.
        """
        await run(storage, 1 * HOUR, JobResult.DONE, JobTrigger.SCHEDULE)
        await run(storage, 2 * HOUR, JobResult.DONE, JobTrigger.PERSON)
        await run(storage, 3 * HOUR, JobResult.FAILED, JobTrigger.SCHEDULE)

        kept = await storage.job_runs.remembered(at_most=9)
        assert [each.began_at for each in kept] == [NOON + 3 * HOUR, NOON + 2 * HOUR]
        assert len(await storage.job_runs.remembered(at_most=1)) == 1

        await run(storage, timedelta(days=91), JobResult.DONE, JobTrigger.SCHEDULE)
        assert not await storage.job_runs.remembered(at_most=9)

    async def test_of_a_job_that_always_fails_the_last_are_kept(self, storage: Storage) -> None:
        """
        However long it goes on.
        """
        for hour in range(HISTORY_MAX + 3):
            await run(storage, hour * HOUR, JobResult.FAILED, JobTrigger.SCHEDULE)

        kept = await storage.job_runs.remembered(at_most=2 * HISTORY_MAX)
        assert len(kept) == HISTORY_MAX
        assert kept[-1].began_at == NOON + 3 * HOUR
