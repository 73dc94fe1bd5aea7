"""Runs of periodic jobs with a record of each: when it began and ended, for whom, and how."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.jobs.job import JobResult, JobTrigger
from entrypoints.jobs.worker_tasks import WorkerTask
from ports.jobs.job_runs import JobClaim, JobRuns
from ports.unit_of_work import StorageUnavailable

BATCHES_PER_RUN_MAX: Final = 50
LEASE: Final = timedelta(seconds=15)
"""So long after its worker died is a run lost, and another may begin."""

RENEW_SECONDS: Final = 4.0
END_SECONDS_MAX: Final = 0.8
"""Less than what a worker that is told to end waits for what it cancels."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RecordedRuns:
    """Runs a task as a run of its job, one at a time over all processes."""

    runs: JobRuns
    now: Callable[[], datetime] = utc_now
    renew_seconds: float = RENEW_SECONDS

    async def begin(self, job: str, task: WorkerTask, *, trigger: JobTrigger, by: str) -> int:
        """Run *task* until nothing is due, unless another run goes on; return how much it handled."""
        claim = await self.runs.begin(job, trigger=trigger, by=by, at=self.now(), lease=LEASE)
        return 0 if claim is None else await self._carry_out(claim, task)

    async def take_asked(self, tasks: Mapping[str, WorkerTask]) -> int:
        """Run the one of *tasks*, by the jobs' names, that was asked for first; return how many there were."""
        claim = await self.runs.take_asked(tasks, at=self.now(), lease=LEASE)
        if claim is None:
            return 0
        await self._carry_out(claim, tasks[claim.job])
        return 1

    async def _carry_out(self, claim: JobClaim, task: WorkerTask) -> int:
        handled = 0
        async with self._held(claim):
            try:
                for _ in range(BATCHES_PER_RUN_MAX):
                    batch = await task()
                    handled += batch
                    if not batch:
                        break
            except BaseException as trouble:
                # The kind of the error alone: its text may be private.
                why = type(trouble).__name__
                await self._end(claim, JobResult.FAILED, handled, why)
                raise
            await self._end(claim, JobResult.DONE, handled)
        return handled

    async def _end(self, claim: JobClaim, result: JobResult, handled: int, why: str = "") -> None:
        """End the run; without the database it ends with its lease."""
        with suppress(StorageUnavailable, TimeoutError):
            async with asyncio.timeout(END_SECONDS_MAX):
                await self.runs.end(claim, at=self.now(), result=result, handled=handled, why=why)

    @asynccontextmanager
    async def _held(self, claim: JobClaim) -> AsyncIterator[None]:
        renewing = asyncio.create_task(self._renew(claim))
        try:
            yield
        finally:
            renewing.cancel()

    async def _renew(self, claim: JobClaim) -> None:
        while True:
            await asyncio.sleep(self.renew_seconds)
            with suppress(StorageUnavailable):
                await self.runs.renew(claim, self.now() + LEASE)
