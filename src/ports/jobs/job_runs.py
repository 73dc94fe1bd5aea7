"""Runs of periodic jobs: once in a time slot, one at a time, and remembered for a while."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.jobs.job import JobResult, JobRun, JobState, JobTrigger


@dataclass(frozen=True, slots=True, kw_only=True)
class JobClaim:
    """One run that one worker holds, as the newest *generation* of the job."""

    job: str
    generation: int


class JobRuns(Protocol):
    async def claim(self, job: str, slot: datetime) -> bool:
        """Return whether this caller is the one to run *job* for *slot* (an instant in UTC)."""
        ...

    async def begin(
        self, job: str, *, trigger: JobTrigger, by: str, at: datetime, lease: timedelta
    ) -> JobClaim | None:
        """
        Begin a run that is the caller's until *at* + *lease*, or return None while another run has its lease.

        A run before it whose lease has run out is remembered as lost.
        """
        ...

    async def take_asked(
        self, jobs: Collection[str], *, at: datetime, lease: timedelta
    ) -> JobClaim | None:
        """Begin that one of *jobs* which was asked for first and does not run; None where there is none."""
        ...

    async def renew(self, claim: JobClaim, until: datetime) -> None:
        """Hold the run until *until*; one that another run has replaced stays as it is."""
        ...

    async def end(
        self, claim: JobClaim, *, at: datetime, result: JobResult, handled: int, why: str = ""
    ) -> None:
        """
        End the run. It is remembered when a person asked for it or when it was not done.

        Of those of a job the latest are kept, for a limited time. A run that another has replaced
        stays as it is.
        """
        ...

    async def states(self) -> Sequence[JobState]:
        """Return the state of each job that ever ran or was asked for, by name."""
        ...

    async def state(self, job: str) -> JobState:
        """Return the state of *job*; one that never ran has an empty one."""
        ...

    async def remembered(self, *, at_most: int) -> Sequence[JobRun]:
        """Return up to *at_most* runs that persons asked for or that were not done, the latest first."""
        ...


class JobWrites(Protocol):
    """The part of a unit of work that asks for runs."""

    def ask(self, job: str, at: datetime, by: str) -> None:
        """
        Collect that *by* asks for a run of *job*.

        The unit ends in ``ChangedMeanwhile`` when it was asked for meanwhile, or runs.
        """
        ...
