"""An export of a run as a file, written row by row, so that a run of any size fits in memory."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from domain.money import ZERO, Money
from domain.reconciliation.run import Run
from ports.reconciliation.run_export import ExportedRow, RunSheet


class RunExportFormat(StrEnum):
    CSV = "csv"
    """A CSV file for each sheet, in one ZIP archive."""

    XLSX = "xlsx"
    """The sheets as a workbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExportHead:
    """Which run is exported, and at which instant (UTC)."""

    run: Run
    at: datetime


@dataclass(frozen=True, slots=True)
class SheetTotal:
    """How many rows a sheet has, and what their amounts add up to."""

    rows: int = 0
    amount: Money = ZERO


class RunExportFile(Protocol):
    """One file that is being written."""

    def add(self, row: ExportedRow) -> None:
        """Write one row to its sheet."""
        ...

    def finish(self, totals: Mapping[RunSheet, SheetTotal]) -> None:
        """Write the summary and the end of the file. This blocks, maybe for seconds: call it in a thread."""
        ...


class RunExportFiles(Protocol):
    def begin(
        self, form: RunExportFormat, head: RunExportHead, to: BinaryIO
    ) -> AbstractContextManager[RunExportFile]:
        """
        Begin an export in *form*: ``with files.begin(...) as file``.

        The file is whole in *to* after ``finish``; resources are freed when the block ends without it.
        """
        ...
