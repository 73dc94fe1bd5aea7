"""An exported run as CSV files, one for each sheet, in one archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Final

from adapters.spreadsheet.run_columns import COLUMNS, Cell, Column, cells_of
from adapters.spreadsheet.run_summary import SUMMARY, SUMMARY_COLUMNS, summary_rows
from adapters.spreadsheet.sheet_files import OneSheet, pack, safe
from ports.reconciliation.run_export import ExportedRow, RunSheet
from ports.reconciliation.run_export_files import RunExportHead, SheetTotal

NAMES: Final = (SUMMARY, *(each.value for each in RunSheet))


@dataclass(slots=True)
class RunArchive:
    head: RunExportHead
    to: BinaryIO
    _files: dict[str, OneSheet] = field(init=False)

    def __post_init__(self) -> None:
        self._files = {name: OneSheet.begin() for name in NAMES}
        self._begin(SUMMARY, SUMMARY_COLUMNS)
        for sheet, columns in COLUMNS.items():
            self._begin(sheet.value, columns)

    def add(self, row: ExportedRow) -> None:
        for cells in cells_of(row):
            self._write(row.sheet.value, cells)

    def finish(self, totals: Mapping[RunSheet, SheetTotal]) -> None:
        for each in summary_rows(self.head, totals):
            self._write(SUMMARY, each.cells)
        named = {name.lower().replace(" ", "-"): file for name, file in self._files.items()}
        pack(named, self.to)

    def close(self) -> None:
        """Close the temporary files; an unfinished export is lost."""
        for file in self._files.values():
            file.text.close()

    def _begin(self, name: str, columns: Sequence[Column]) -> None:
        self._write(name, [each.heading for each in columns])

    def _write(self, name: str, cells: Sequence[Cell]) -> None:
        self._files[name].rows.writerow(list(safe(_text(each) for each in cells)))


def _text(cell: Cell) -> str | int | Decimal:
    """Return what stands for *cell*; the heading names the zone of an instant."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return cell.isoformat() if isinstance(cell, date) else cell
