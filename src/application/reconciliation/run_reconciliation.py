"""Do a run that was asked for: read, compare, heal by reads of the bank, compare again, and conclude."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.reconciliation.compare_file import OutcomeNotWhole
from application.reconciliation.conclude_run import Compared, ConcludeRun
from application.reconciliation.count_released_lines import CountReleasedLines
from application.reconciliation.heal_books import HealBooks, named_in
from application.reconciliation.read_evidence import ReadEvidence, RunEvidence
from application.retry_on_conflict import retry_on_conflict
from domain.identifiers import PaymentId
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.finding import Finding
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import OrderRead
from domain.reconciliation.run import Run
from ports.clock import Clock
from ports.notifications.outbox import OutboxTask
from ports.reconciliation.run_register import RunRegister
from ports.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=30)
"""A worker that has not ended its run by then is taken for lost: 500 reads take two minutes."""

TRIES_MAX: Final = 3
"""What has gone wrong in so many workers is no accident: the run fails, and a person is called."""


@dataclass(frozen=True, slots=True)
class RunReconciliation:
    runs: RunRegister
    unit_of_work: UnitOfWork
    count_released_lines: CountReleasedLines
    read_evidence: ReadEvidence
    heal: HealBooks
    conclude: ConcludeRun
    agreement: Agreement
    clock: Clock

    async def __call__(self) -> Run | None:
        """
        Do the run that was asked for first, and return it as it ended; None when there is none.

        A run whose outcome is no partition of its evidence ends as failed, and posts nothing. What else goes
        wrong is raised: the lease ends, and another worker takes the run, ``TRIES_MAX`` of them at most. Then
        it has failed as well. Operators are called once for each run that fails.
        """
        run = await self.runs.claim(self.clock.now(), lease=LEASE)
        if run is None:
            return None
        if run.attempts > TRIES_MAX:
            return await self._fail(run, f"{TRIES_MAX} workers took it, and none has ended it")
        try:
            return await self._do(run)
        except OutcomeNotWhole as fault:
            log.exception(
                "reconciliation.not_whole", extra={"subject": run.id, "count": len(fault.faults)}
            )
            return await self._fail(run, str(fault))
        except Exception as fault:
            if run.attempts < TRIES_MAX:
                raise
            log.exception("reconciliation.failed", extra={"subject": run.id})
            # The text of an unknown error may hold anything.
            why = f"{type(fault).__name__} in the last of {TRIES_MAX} workers that took it"
            return await self._fail(run, why)

    async def _fail(self, run: Run, why: str) -> Run:
        """End *run* as failed, with the task of calling operators: neither is there without the other."""
        now = self.clock.now()
        failed = run.failed(why, now)
        async with self.unit_of_work() as work:
            work.reconciliation.runs.end(failed)
            work.notifications.outbox.enqueue(
                OutboxTask.RECONCILIATION_FAILURE, PaymentId(run.id), now, subject=run.id
            )
        return failed

    async def _do(self, run: Run) -> Run:
        await self.count_released_lines()
        first = await self.read_evidence(self.clock.now(), {})
        before = await self._compare(first)
        payments = {each.id: each.payment_id for each in first.records.values()}
        reads = await self.heal(before.findings, payments)
        # Where no order was read, what is known is what there is; after a conflict it is read again.
        fresh = [] if reads else [(first, before)]

        async def unit() -> Run:
            known, outcome = fresh.pop() if fresh else await self._known(reads)
            compared = Compared(
                known=known,
                outcome=outcome,
                before=[each for each in before.findings if _was_read(each, reads, payments)],
                reads=len(reads),
            )
            return await self.conclude(run, compared, self.clock.now())

        return await retry_on_conflict(unit)

    async def _known(self, reads: Mapping[str, OrderRead]) -> tuple[RunEvidence, Outcome]:
        known = await self.read_evidence(self.clock.now(), reads)
        return known, await self._compare(known)

    async def _compare(self, known: RunEvidence) -> Outcome:
        # A month of lines takes a second, in which the worker has others to serve.
        return await asyncio.to_thread(self._outcome, known)

    def _outcome(self, known: RunEvidence) -> Outcome:
        outcome = reconcile(known.evidence, self.agreement)
        if faults := partition_faults(known.evidence, outcome):
            raise OutcomeNotWhole(faults)
        return outcome


def _was_read(
    finding: Finding, reads: Mapping[str, OrderRead], payments: Mapping[str, object]
) -> bool:
    return payments.get(named_in(finding)) in reads
