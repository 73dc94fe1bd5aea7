"""Write a return as a workbook, row by row, with constant memory."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final

from xlsxwriter import Workbook

from adapters.spreadsheet.sheets import SHEETS, Cell, Sheet, listed_row, summed_rows
from domain.gst_returns.gstr1 import Gstr1, ListedDocument
from ports.gst_returns.return_files import ReturnHead

DECIMALS: Final = 2
IN_MEMORY_MAX: Final = 1024 * 1024
PLAIN: Final = {
    "constant_memory": True,
    # A buyer's name is text, also when it looks like a formula or a number.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(slots=True)
class WorkbookFile:
    """The workbook is written to a temporary file and copied when it is complete."""

    head: ReturnHead
    to: BinaryIO
    _aside: Any = field(init=False)
    _book: Any = field(init=False)
    _rupees: Any = field(init=False)
    _heading: Any = field(init=False)
    _rows: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._aside = SpooledTemporaryFile(IN_MEMORY_MAX)  # noqa: SIM115  # closed by ``close``
        self._book = Workbook(self._aside, PLAIN)
        made = datetime(self.head.period.year, self.head.period.month, 1)  # noqa: DTZ001  # as the library takes it
        self._book.set_properties({"title": f"GSTR-1 {self.head.period}", "created": made})
        self._heading = self._book.add_format({"bold": True})
        self._rupees = self._book.add_format({"num_format": "0.00"})
        for sheet in SHEETS:
            self._book.add_worksheet(sheet.name)
            self._write(sheet, sheet.headings)

    def add(self, line: ListedDocument) -> None:
        self._write(*listed_row(line))

    def finish(self, totals: Gstr1) -> None:
        for sheet, cells in summed_rows(totals):
            self._write(sheet, cells)
        self._book.close()
        self._aside.seek(0)
        shutil.copyfileobj(self._aside, self.to)

    def close(self) -> None:
        """Close the temporary files; an unfinished return is lost."""
        if not self._book.fileclosed:
            self._book.close()
        self._aside.close()

    def _write(self, sheet: Sheet, cells: Sequence[Cell]) -> None:
        page, row = self._book.get_worksheet_by_name(sheet.name), self._rows[sheet.name]
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                page.write_string(row, column, cell, None if row else self._heading)
            else:
                money = isinstance(cell, Decimal) and cell.as_tuple().exponent == -DECIMALS
                page.write_number(row, column, cell, self._rupees if money else None)
        self._rows[sheet.name] += 1
