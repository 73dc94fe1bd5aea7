"""Periodic jobs as the command line lists and runs them."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

from application.jobs.list_jobs import JobStanding, ListJobs
from domain.jobs.job import JobResult, JobRun, JobTrigger
from entrypoints.jobs.recorded_runs import RecordedRuns
from entrypoints.jobs.worker import periodic_tasks
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from entrypoints.wiring.worker_process import worker_tasks_of

POLL_SECONDS: Final = 0.5


def list_jobs(settings: Settings) -> Sequence[JobStanding]:
    """Return all periodic jobs with their last and next runs."""

    async def listed(container: Shulk) -> Sequence[JobStanding]:
        jobs: ListJobs = container.use_cases().jobs().jobs()
        return await jobs()

    return run_in_container(settings, listed)


def run_job(settings: Settings, name: str) -> JobRun:
    """
    Run the job here and now, and return how it went; a worker that is faster runs it instead.

    Raises ``NotFound`` for an unknown name, and ``JobRunning`` while it runs already.
    """

    async def run(container: Shulk) -> JobRun:
        jobs: ListJobs = container.use_cases().jobs().jobs()
        known = frozenset(await jobs.remembered())
        await container.use_cases().jobs().ask_job()(name, BY_COMMAND)
        tasks = periodic_tasks(worker_tasks_of(container))
        recorded = RecordedRuns(container.storage.job_runs(), container.clock().now)
        try:
            await recorded.take_asked({name: tasks[name]})
        except Exception:
            # That it failed is in its record; what kept it from being recorded is told.
            if await _ended(jobs, name, known) is None:
                raise
        while True:
            ended = await _ended(jobs, name, known)
            if ended is not None:
                return ended
            await asyncio.sleep(POLL_SECONDS)

    return run_in_container(settings, run, asks_bank=True)


async def _ended(jobs: ListJobs, name: str, known: Collection[JobRun]) -> JobRun | None:
    """Return the run of the job that came to its end, or was lost, since those that were *known*."""
    new = [each for each in await jobs.remembered() if each not in known]
    mine = [each for each in new if each.job == name and each.trigger is JobTrigger.PERSON]
    view = await jobs.of(name)
    last, waits = view.state.last, view.state.asked_at is not None
    if not mine and not waits and last is not None and last.result is JobResult.LOST:
        return last
    return mine[0] if mine else None
