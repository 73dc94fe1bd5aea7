"""An export of a run that is only remembered: its rows, then its totals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from ports.reconciliation.run_export import ExportedRow, RunSheet
from ports.reconciliation.run_export_files import RunExportFormat, RunExportHead, SheetTotal


@dataclass(slots=True)
class RememberedRun:
    form: RunExportFormat
    head: RunExportHead
    to: BinaryIO
    rows: list[ExportedRow] = field(default_factory=list)

    def add(self, row: ExportedRow) -> None:
        self.rows.append(row)

    def finish(self, totals: Mapping[RunSheet, SheetTotal]) -> None:
        told = {sheet.value: (total.rows, total.amount.paise) for sheet, total in totals.items()}
        self.to.write(f"{self.head.run.id} {self.form} {told}".encode())


@dataclass(slots=True)
class RememberedRunFiles:
    begun: list[RememberedRun] = field(default_factory=list)

    @contextmanager
    def begin(
        self, form: RunExportFormat, head: RunExportHead, to: BinaryIO
    ) -> Iterator[RememberedRun]:
        self.begun.append(RememberedRun(form, head, to))
        yield self.begun[-1]
