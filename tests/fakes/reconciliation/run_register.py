"""Runs in memory: taken by a lease, ended once by the worker that took them last."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile, NotFound
from domain.reconciliation.run import Run, RunId
from domain.reconciliation.run_state import RunEvent, RunState, run_after
from fakes.store import Change, RunRow, Store


@dataclass(frozen=True, slots=True)
class MemoryRunRegister:
    store: Store

    async def live(self, first: date, last: date) -> Run | None:
        await asyncio.sleep(0)
        return _live(self.store, first, last)

    async def claim(self, at: datetime, *, lease: timedelta) -> Run | None:
        await asyncio.sleep(0)
        for row in sorted(self.store.runs.values(), key=lambda each: _order(each.run)):
            run = row.run
            if run.state is RunState.RUNNING and row.lease_until and row.lease_until < at:
                run = replace(run, state=run_after(run.state, RunEvent.WORKER_LOST))
            if run.state is RunState.REQUESTED:
                taken = replace(
                    run,
                    state=run_after(run.state, RunEvent.TAKEN),
                    attempts=run.attempts + 1,
                )
                self.store.runs[run.id] = replace(row, run=taken, lease_until=at + lease)
                return taken
        return None

    async def get(self, run: RunId) -> Run:
        await asyncio.sleep(0)
        if run not in self.store.runs:
            raise NotFound("reconciliation", run)
        return self.store.runs[run].run

    async def page(
        self, *, before: tuple[datetime, RunId] | None = None, at_most: int
    ) -> Sequence[Run]:
        await asyncio.sleep(0)
        runs = sorted((row.run for row in self.store.runs.values()), key=_order, reverse=True)
        return [each for each in runs if before is None or _order(each) < before][:at_most]

    async def asked_since(self, at: datetime, by: str) -> int:
        await asyncio.sleep(0)
        return sum(
            row.run.requested_at >= at and row.run.requested_by == by
            for row in self.store.runs.values()
        )


@dataclass(frozen=True, slots=True)
class MemoryRunWrites:
    changes: list[Change]

    def request(self, run: Run, nth: int | None = None) -> None:
        def change(store: Store) -> None:
            if _live(store, run.first, run.last) is not None or _is_counted(store, run, nth):
                raise ChangedMeanwhile("a run of the range")
            store.runs[run.id] = RunRow(run=run, nth=nth)

        self.changes.append(change)

    def end(self, run: Run) -> None:
        def change(store: Store) -> None:
            known = store.runs[run.id].run
            if known.state is not RunState.RUNNING or known.attempts != run.attempts:
                raise ChangedMeanwhile("a run")
            for row in list(store.runs.values()):
                each = row.run
                if (each.first, each.last) == (run.first, run.last) and each.ended_at:
                    store.runs[each.id] = replace(row, run=replace(each, state=RunState.SUPERSEDED))
            store.runs[run.id] = replace(store.runs[run.id], run=run, lease_until=None)

        self.changes.append(change)


def _live(store: Store, first: date, last: date) -> Run | None:
    return next(
        (
            row.run
            for row in store.runs.values()
            if row.run.state.is_live and (row.run.first, row.run.last) == (first, last)
        ),
        None,
    )


def _is_counted(store: Store, run: Run, nth: int | None) -> bool:
    """Whether the person has asked for an *nth* run of that day."""
    day = business_day_of(run.requested_at)
    return nth is not None and any(
        row.nth == nth
        and row.run.requested_by == run.requested_by
        and business_day_of(row.run.requested_at) == day
        for row in store.runs.values()
    )


def _order(run: Run) -> tuple[datetime, RunId]:
    return (run.requested_at, run.id)
