"""Ask for a run over a range of business dates; a worker does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from application.retry_on_conflict import retry_on_conflict
from domain.business_day import business_day_of, business_day_start
from domain.errors import DomainError
from domain.reconciliation.run import Run, RunId, RunTrigger, check_range
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.reconciliation.run_register import RunRegister
from ports.unit_of_work import UnitOfWork

ASKED_A_DAY_MAX: Final = 10
"""Runs that one person asks for on a day in India; those of jobs and of the command line do not count."""

ONE_DAY: Final = timedelta(days=1)


class TooManyRuns(DomainError):
    """Somebody has asked for as many runs as one person may on a day; the next one may come after *retry_after*."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__(f"one person asks for at most {ASKED_A_DAY_MAX} runs a day")


@dataclass(frozen=True, slots=True)
class AskReconciliation:
    runs: RunRegister
    unit_of_work: UnitOfWork
    clock: Clock
    new_id: Callable[[], RunId]

    async def __call__(self, first: date, last: date, trigger: RunTrigger, origin: Origin) -> Run:
        """
        Return the run of *first* to *last* (IST, both included) that was asked for.

        While one of the same range has not ended, that one is returned. Raises ``RangeRefused``,
        and ``TooManyRuns`` for what a person asks for.
        """
        check_range(first, last, self.clock.now())
        return await retry_on_conflict(lambda: self._ask(first, last, trigger, origin))

    async def _ask(self, first: date, last: date, trigger: RunTrigger, origin: Origin) -> Run:
        live = await self.runs.live(first, last)
        if live is not None:
            return live
        at = self.clock.now()
        nth = await self._count(origin.actor, at) if trigger is RunTrigger.BUTTON else None
        run = Run(
            id=self.new_id(),
            first=first,
            last=last,
            trigger=trigger,
            requested_at=at,
            requested_by=origin.actor,
        )
        entry = AuditEntry(
            at=at,
            origin=origin,
            action="reconciliation.requested",
            subject=run.id,
            facts={"first": first.isoformat(), "last": last.isoformat(), "trigger": trigger},
        )
        async with self.unit_of_work() as work:
            work.reconciliation.runs.request(run, nth)
            work.audit.add(entry)
        return run

    async def _count(self, actor: str, at: datetime) -> int:
        """Return how many it is of that day, or raise ``TooManyRuns``; two at once are not both the same one."""
        today = business_day_of(at)
        asked = await self.runs.asked_since(business_day_start(today), actor)
        if asked >= ASKED_A_DAY_MAX:
            raise TooManyRuns(business_day_start(today + ONE_DAY) - at)
        return asked + 1
