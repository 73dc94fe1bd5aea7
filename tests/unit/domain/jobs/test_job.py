"""A job is due once in a slot, and runs once at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.jobs.job import Job, JobResult, JobRun, JobRunning, JobState, JobTrigger
from fakes.clock import NOON

SECOND = timedelta(seconds=1)
JOB = Job(name="sweep", about="Sweeps.", every=timedelta(minutes=5))
RUN = JobRun(job="sweep", trigger=JobTrigger.SCHEDULE, by="system", began_at=NOON)
RUNNING = JobState(job="sweep", last=RUN, lease_until=NOON + timedelta(minutes=1))
ENDED = JobState(job="sweep", last=replace(RUN, ended_at=NOON + SECOND, result=JobResult.DONE))


def test_slots_follow_each_other_for_all_processes() -> None:
    """
    They are counted from one fixed instant; at its edge begins the next one.
    """
    assert JOB.slot_of(NOON + timedelta(minutes=4, seconds=59)) == NOON
    assert JOB.next_slot(NOON) == NOON + timedelta(minutes=5)


@pytest.mark.parametrize("state", [JobState(job="sweep"), ENDED])
def test_a_job_at_rest_may_be_asked_for(state: JobState) -> None:
    """
    One that never ran, and one whose run has ended.
    """
    state.check_free(NOON)

    assert not state.is_running(NOON)
    assert state.as_seen(NOON) is state


def test_a_running_job_is_not_begun_twice() -> None:
    """
    It is told since when it runs, and for whom.
    """
    with pytest.raises(JobRunning) as refusal:
        RUNNING.check_free(NOON + SECOND)

    assert (refusal.value.since, refusal.value.by) == (NOON, "system")
    assert RUNNING.as_seen(NOON) is RUNNING


def test_a_run_that_waits_is_not_asked_for_twice() -> None:
    """
    However long the last one is over.
    """
    waiting = replace(ENDED, asked_at=NOON, asked_by="staff:mira")

    with pytest.raises(JobRunning) as refusal:
        waiting.check_free(NOON)

    assert refusal.value.by == "staff:mira"


def test_a_run_without_a_worker_is_lost() -> None:
    """
    As soon as its lease has run out; another may begin then.
    """
    later = NOON + timedelta(minutes=1)
    RUNNING.check_free(later)
    seen = RUNNING.as_seen(later)

    assert seen.last is not None
    assert seen.last.result is JobResult.LOST
