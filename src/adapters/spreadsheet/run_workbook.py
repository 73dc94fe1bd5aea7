"""An exported run as a workbook, written row by row, with constant memory."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final

from xlsxwriter import Workbook

from adapters.spreadsheet.run_columns import COLUMNS, Cell, Column, cells_of, local
from adapters.spreadsheet.run_summary import SUMMARY, SUMMARY_COLUMNS, summary_rows
from adapters.spreadsheet.workbook import IN_MEMORY_MAX, PLAIN
from ports.reconciliation.run_export import ExportedRow, RunSheet
from ports.reconciliation.run_export_files import RunExportHead, SheetTotal

ROWS_MAX: Final = 1_048_575
"""Rows that a sheet holds below its heading."""

A4: Final = 9
PAGE_CHARS: Final = 210
"""So many characters beside each other are readable on one page of paper."""

KEPT_COLUMNS: Final = 2
"""Columns that stay in sight, and come again on each page of paper, where a sheet is wider than one."""

HEADING: Final = {"bold": True, "bg_color": "#E3E8EF", "bottom": 1, "valign": "top"}
FORMATS: Final[Mapping[str, Mapping[str, object]]] = {
    "heading": {**HEADING, "align": "left", "indent": 1},
    "heading_right": {**HEADING, "align": "right"},
    "title": {"bold": True, "font_size": 12, "indent": 1},
    "text": {"num_format": "@", "indent": 1},
    "amount": {"num_format": "#,##0.00;[Red]-#,##0.00"},
    "number": {"num_format": "0"},
    "day": {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    "instant": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left", "indent": 1},
}


@dataclass(slots=True)
class OnePage:
    """One worksheet, and how many rows it has."""

    sheet: Any
    columns: Sequence[Column]
    rows: int = 1

    def end(self) -> None:
        """Let each column be filtered."""
        self.sheet.autofilter(0, 0, self.rows - 1, len(self.columns) - 1)


@dataclass(slots=True)
class RunWorkbook:
    """The workbook is written to a temporary file and copied when it is complete."""

    head: RunExportHead
    to: BinaryIO
    rows_max: int = ROWS_MAX
    _aside: Any = field(init=False)
    _book: Any = field(init=False)
    _formats: dict[str, Any] = field(init=False)
    _pages: dict[RunSheet, list[OnePage]] = field(init=False)
    _summary: OnePage = field(init=False)

    def __post_init__(self) -> None:
        self._aside = SpooledTemporaryFile(IN_MEMORY_MAX)  # noqa: SIM115  # closed by ``close``
        self._book = Workbook(self._aside, PLAIN)
        # The same run makes the same bytes, whenever it is exported.
        made = _naive(self.head.run.ended_at)
        title = f"Reconciliation {self.head.run.id}"
        self._book.set_properties({"title": title, "created": made})
        self._formats = {name: self._book.add_format(told) for name, told in FORMATS.items()}
        self._summary = self._begin(SUMMARY, SUMMARY_COLUMNS)
        self._pages = {
            sheet: [self._begin(sheet.value, columns)] for sheet, columns in COLUMNS.items()
        }

    def add(self, row: ExportedRow) -> None:
        for cells in cells_of(row):
            self._write(self._page(row.sheet), cells)

    def finish(self, totals: Mapping[RunSheet, SheetTotal]) -> None:
        for row in summary_rows(self.head, totals):
            self._write(self._summary, row.cells, "title" if row.is_title else "text")
        for pages in self._pages.values():
            for page in pages:
                page.end()
        self._book.close()
        self._aside.seek(0)
        shutil.copyfileobj(self._aside, self.to)

    def close(self) -> None:
        """Close the temporary files; an unfinished export is lost."""
        if not self._book.fileclosed:
            self._book.close()
        self._aside.close()

    def _page(self, sheet: RunSheet) -> OnePage:
        """Return the page that the next row stands on: a full one is followed by another."""
        pages = self._pages[sheet]
        if pages[-1].rows > self.rows_max:
            pages.append(self._begin(f"{sheet.value} ({len(pages) + 1})", COLUMNS[sheet]))
        return pages[-1]

    def _begin(self, name: str, columns: Sequence[Column]) -> OnePage:
        sheet = self._book.add_worksheet(name)
        pages = ceil(sum(each.width for each in columns) / PAGE_CHARS)
        sheet.freeze_panes(1, KEPT_COLUMNS if pages > 1 else 0)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_rows(0)
        if pages > 1:
            sheet.repeat_columns(0, KEPT_COLUMNS - 1)
        sheet.set_footer(f"&L{self.head.run.id} &A&RPage &P of &N")
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            heading = self._formats["heading_right" if column.is_number else "heading"]
            sheet.write_string(0, place, column.heading, heading)
        return OnePage(sheet, columns)

    def _write(self, page: OnePage, cells: Sequence[Cell], text: str = "text") -> None:
        for column, cell in enumerate(cells):
            self._cell(page, column, cell, text)
        page.rows += 1

    def _cell(self, page: OnePage, column: int, cell: Cell, text: str) -> None:
        sheet, row, formats = page.sheet, page.rows, self._formats
        match cell:
            case None:
                return
            case str():
                sheet.write_string(row, column, cell, formats[text])
            case datetime():
                sheet.write_datetime(row, column, _naive(cell), formats["instant"])
            case date():
                sheet.write_datetime(row, column, cell, formats["day"])
            case Decimal():
                sheet.write_number(row, column, cell, formats["amount"])
            case _:
                sheet.write_number(row, column, cell, formats["number"])


def _naive(at: datetime | None) -> datetime | None:
    """Return the instant in India without its zone, which a workbook cannot hold."""
    there = local(at)
    return None if there is None else there.replace(tzinfo=None)
