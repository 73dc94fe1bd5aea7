"""Export what a run and its range came to as a file, read in one snapshot."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from domain.errors import DomainError
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.run import Run, RunId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.reconciliation.run_export import (
    ExportedExpectation,
    ExportedRow,
    RunExport,
    RunExports,
    RunSheet,
)
from ports.reconciliation.run_export_files import (
    RunExportFile,
    RunExportFiles,
    RunExportFormat,
    RunExportHead,
    SheetTotal,
)
from ports.reconciliation.run_register import RunRegister
from ports.unit_of_work import UnitOfWork

AT_A_TIME: Final = 200
"""Rows that are written at once."""


class RunNotConcluded(DomainError):
    """The run waits, is running, or failed: it came to nothing that could be exported."""

    def __init__(self, run: Run) -> None:
        self.state = run.state
        super().__init__(f"the run {run.id} is {run.state}: there is nothing to export")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRun:
    runs: RunRegister
    exports: RunExports
    files: RunExportFiles
    unit_of_work: UnitOfWork
    agreement: Agreement
    clock: Clock
    at_a_time: int = AT_A_TIME

    async def __call__(
        self, run: RunId, form: RunExportFormat, to: BinaryIO, origin: Origin
    ) -> Mapping[RunSheet, SheetTotal]:
        """
        Write *run* in *form* to *to*, and return how many rows each sheet has and what they add up to.

        Only a few rows are in memory at a time, whatever the size of the range. The export is written
        to the audit log. Raises ``NotFound`` and ``RunNotConcluded``.
        """
        known = await self.runs.get(run)
        if known.summary is None:
            raise RunNotConcluded(known)
        totals = dict.fromkeys(RunSheet, SheetTotal())
        head = RunExportHead(run=known, at=self.clock.now())
        with self.files.begin(form, head, to) as file:
            async with self.exports(known) as export:
                waiting: list[ExportedRow] = []
                async for row in self._rows(export):
                    total = totals[row.sheet]
                    totals[row.sheet] = SheetTotal(total.rows + 1, total.amount + row.amount)
                    waiting.append(row)
                    if len(waiting) == self.at_a_time:
                        # To write cells takes the longest: others are served meanwhile.
                        await asyncio.to_thread(_add, file, waiting)
                        waiting = []
                await asyncio.to_thread(_add, file, waiting)
            await asyncio.to_thread(file.finish, totals)
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="reconciliation.exported",
                    subject=run,
                    facts={"form": form, "rows": str(sum(each.rows for each in totals.values()))},
                )
            )
        return totals

    async def _rows(self, export: RunExport) -> AsyncIterator[ExportedRow]:
        async for settlement in export.settlements():
            yield settlement
        async for match in export.matched():
            yield match
        async for expected in export.expected():
            yield self._with_due_day(expected)
        async for discrepancy in export.discrepancies():
            yield discrepancy
        async for credit in export.credits():
            yield credit
        async for journal in export.journals():
            yield journal

    def _with_due_day(self, expected: ExportedExpectation) -> ExportedExpectation:
        record = expected.record
        mid = self.agreement.mids_by_method.get(record.method or "")
        due_on = self.agreement.terms.due_on(record.at, mid, record.method)
        return replace(expected, due_on=due_on)


def _add(file: RunExportFile, rows: Iterable[ExportedRow]) -> None:
    for row in rows:
        file.add(row)
