"""Periodic jobs with their last and next runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import NotFound
from domain.jobs.job import Job, JobRun, JobState
from ports.clock import Clock
from ports.jobs.job_runs import JobRuns

REMEMBERED_MAX: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStanding:
    """A job as it stands; *running* says whether a worker is at it, *next_at* (UTC) when it is due by itself."""

    job: Job
    state: JobState
    running: bool
    next_at: datetime


@dataclass(frozen=True, slots=True)
class ListJobs:
    """Reads of the jobs in *registry*, which are all there are."""

    registry: Sequence[Job]
    runs: JobRuns
    clock: Clock

    async def __call__(self) -> Sequence[JobStanding]:
        """Return every job, in the order of the registry."""
        states = {state.job: state for state in await self.runs.states()}
        return [
            self._view(job, states.get(job.name) or JobState(job=job.name)) for job in self.registry
        ]

    async def of(self, name: str) -> JobStanding:
        """Return the job of that name, or raise ``NotFound``."""
        return self._view(self.named(name), await self.runs.state(name))

    async def remembered(self) -> Sequence[JobRun]:
        """Return the last runs that persons asked for or that were not done, the latest first."""
        return await self.runs.remembered(at_most=REMEMBERED_MAX)

    def named(self, name: str) -> Job:
        """Return the job of the registry, or raise ``NotFound``."""
        for job in self.registry:
            if job.name == name:
                return job
        # Any other text may be private, and this error is logged.
        raise NotFound("job", "not a name of one")

    def _view(self, job: Job, state: JobState) -> JobStanding:
        at = self.clock.now()
        return JobStanding(
            job=job,
            state=state.as_seen(at),
            running=state.is_running(at),
            next_at=job.next_slot(at),
        )
