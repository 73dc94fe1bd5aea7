"""Runs of periodic jobs, kept in memory."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import ChangedMeanwhile
from domain.jobs.job import JobResult, JobRun, JobRunning, JobState, JobTrigger
from fakes.store import Change, Store
from ports.jobs.job_runs import JobClaim

KEPT: Final = timedelta(days=90)
KEPT_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class MemoryJobRuns:
    store: Store

    async def claim(self, job: str, slot: datetime) -> bool:
        await asyncio.sleep(0)
        new = (job, slot) not in self.store.job_runs
        self.store.job_runs.add((job, slot))
        return new

    async def begin(
        self, job: str, *, trigger: JobTrigger, by: str, at: datetime, lease: timedelta
    ) -> JobClaim | None:
        await asyncio.sleep(0)
        return self._begin(JobRun(job=job, trigger=trigger, by=by, began_at=at), at + lease)

    async def take_asked(
        self, jobs: Collection[str], *, at: datetime, lease: timedelta
    ) -> JobClaim | None:
        await asyncio.sleep(0)
        asked = sorted(
            (state.asked_at, state.job)
            for state in self.store.job_states.values()
            if state.asked_at is not None and state.job in jobs and not state.is_running(at)
        )
        if not asked:
            return None
        state = self.store.job_states[asked[0][1]]
        self.store.job_states[state.job] = replace(state, asked_at=None, asked_by="")
        run = JobRun(job=state.job, trigger=JobTrigger.PERSON, by=state.asked_by, began_at=at)
        return self._begin(run, at + lease)

    async def renew(self, claim: JobClaim, until: datetime) -> None:
        await asyncio.sleep(0)
        state = self._held(claim)
        if state is not None:
            self.store.job_states[claim.job] = replace(state, lease_until=until)

    async def end(
        self, claim: JobClaim, *, at: datetime, result: JobResult, handled: int, why: str = ""
    ) -> None:
        await asyncio.sleep(0)
        state = self._held(claim)
        if state is None or state.last is None:
            return
        run = replace(state.last, ended_at=at, result=result, handled=handled, why=why)
        self.store.job_states[claim.job] = replace(state, last=run, lease_until=None)
        history = self.store.job_history
        history[:] = [
            each for each in history if each.job != claim.job or each.began_at >= at - KEPT
        ]
        mine = sorted(each.began_at for each in history if each.job == claim.job)
        too_old = mine[: max(0, len(mine) - KEPT_MAX + 1)]
        history[:] = [
            each for each in history if each.job != claim.job or each.began_at not in too_old
        ]
        if run.trigger is JobTrigger.PERSON or result is not JobResult.DONE:
            history.append(run)

    async def states(self) -> Sequence[JobState]:
        await asyncio.sleep(0)
        return [state for _, state in sorted(self.store.job_states.items())]

    async def state(self, job: str) -> JobState:
        await asyncio.sleep(0)
        return self.store.job_states.get(job, JobState(job=job))

    async def remembered(self, *, at_most: int) -> Sequence[JobRun]:
        await asyncio.sleep(0)
        by_job = sorted(self.store.job_history, key=lambda run: run.job)
        return sorted(by_job, key=lambda run: run.began_at, reverse=True)[:at_most]

    def _begin(self, run: JobRun, until: datetime) -> JobClaim | None:
        state = self.store.job_states.get(run.job, JobState(job=run.job))
        if state.is_running(run.began_at):
            return None
        if state.last is not None and state.last.ended_at is None:
            lost = replace(state.last, ended_at=state.lease_until, result=JobResult.LOST)
            self.store.job_history.append(lost)
        generation = self.store.job_generations.get(run.job, 0) + 1
        self.store.job_generations[run.job] = generation
        self.store.job_states[run.job] = replace(state, last=run, lease_until=until)
        return JobClaim(job=run.job, generation=generation)

    def _held(self, claim: JobClaim) -> JobState | None:
        state = self.store.job_states.get(claim.job)
        mine = self.store.job_generations.get(claim.job) == claim.generation
        if state is None or not mine or state.last is None or state.last.ended_at is not None:
            return None
        return state


@dataclass(frozen=True, slots=True)
class MemoryJobWrites:
    changes: list[Change]

    def ask(self, job: str, at: datetime, by: str) -> None:
        def change(store: Store) -> None:
            state = store.job_states.get(job, JobState(job=job))
            try:
                state.check_free(at)
            except JobRunning:
                raise ChangedMeanwhile("a job") from None
            store.job_states[job] = replace(state, asked_at=at, asked_by=by)

        self.changes.append(change)
