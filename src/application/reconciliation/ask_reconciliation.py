"""Ask for a run over a range of business dates; a worker does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from application.retry_on_conflict import retry_on_conflict
from domain.reconciliation.run import Run, RunId, RunTrigger, check_range
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.reconciliation.run_register import RunRegister
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskReconciliation:
    runs: RunRegister
    unit_of_work: UnitOfWork
    clock: Clock
    new_id: Callable[[], RunId]

    async def __call__(self, first: date, last: date, trigger: RunTrigger, origin: Origin) -> Run:
        """
        Return the run of *first* to *last* (IST, both included) that was asked for.

        While one of the same range has not ended, that one is returned. Raises ``RangeRefused``.
        """
        check_range(first, last, self.clock.now())
        return await retry_on_conflict(lambda: self._ask(first, last, trigger, origin))

    async def _ask(self, first: date, last: date, trigger: RunTrigger, origin: Origin) -> Run:
        live = await self.runs.live(first, last)
        if live is not None:
            return live
        at = self.clock.now()
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
            work.reconciliation.runs.request(run)
            work.audit.add(entry)
        return run
