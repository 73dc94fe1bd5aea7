"""Periodic jobs: what each does and how often, how its last run went, and one run at a time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.errors import DomainError

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Time slots are counted from here, the same for every process."""


class JobTrigger(StrEnum):
    SCHEDULE = "schedule"
    PERSON = "person"


class JobResult(StrEnum):
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    """Its process ended before it did."""


class JobRunning(DomainError):
    """The job is running already, or was asked for and waits for a worker, *since* (UTC), for *by*."""

    def __init__(self, job: str, since: datetime, by: str) -> None:
        self.job, self.since, self.by = job, since, by
        super().__init__(f"the job {job} is running already, or waits for a worker to run it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that runs once in every time slot of the length *every*; *about* says in a sentence what it does."""

    name: str
    about: str
    every: timedelta

    def slot_of(self, at: datetime) -> datetime:
        """Return when the slot that holds *at* began."""
        return EPOCH + (at - EPOCH) // self.every * self.every

    def next_slot(self, at: datetime) -> datetime:
        """Return when the slot after *at* begins, which is when the job is due next."""
        return self.slot_of(at) + self.every


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """
    One run, begun at *began_at* (UTC) for the actor *by*.

    *handled* counts what it dealt with. *why* names the kind of error of one that failed.
    """

    job: str
    trigger: JobTrigger
    by: str
    began_at: datetime
    ended_at: datetime | None = None
    result: JobResult | None = None
    handled: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """
    What is known of one job: its last run, which is its worker's until *lease_until*, and who asked for another.

    All instants are UTC.
    """

    job: str
    last: JobRun | None = None
    lease_until: datetime | None = None
    asked_at: datetime | None = None
    asked_by: str = ""

    def is_running(self, at: datetime) -> bool:
        return self._is_open and self.lease_until is not None and self.lease_until > at

    def check_free(self, at: datetime) -> None:
        """Return when the job may be asked for, or raise ``JobRunning``."""
        if self.asked_at is not None:
            raise JobRunning(self.job, self.asked_at, self.asked_by)
        if self.last is not None and self.is_running(at):
            raise JobRunning(self.job, self.last.began_at, self.last.by)

    def as_seen(self, at: datetime) -> Self:
        """Return the state as it is at *at*: a run whose lease has run out is lost."""
        if self.last is None or not self._is_open or self.is_running(at):
            return self
        return replace(self, last=replace(self.last, result=JobResult.LOST))

    @property
    def _is_open(self) -> bool:
        return self.last is not None and self.last.ended_at is None
