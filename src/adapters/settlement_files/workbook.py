"""Workbooks as rows of text; what could fill the memory or run by itself is found before they are opened."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from adapters.settlement_files.compound_file import check_xls
from adapters.settlement_files.file_kind import FileKind
from adapters.settlement_files.limits import refuse_long_cells
from adapters.settlement_files.packed_workbook import check_xlsx
from adapters.settlement_files.rows import Row
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

SHEETS_MAX: Final = 50
SPREADSHEET_DIGITS: Final = 15
"""The significant digits that a spreadsheet keeps of a number."""


@dataclass(frozen=True, slots=True)
class Workbook:
    opened: Any
    sheets: Sequence[str]
    formulas: dict[str, frozenset[int]] = field(default_factory=dict)
    """By sheet, the rows with a formula, from 1."""

    def table(self, sheet: str) -> "SheetTable":
        return SheetTable(self.opened, sheet, self.formulas.get(sheet, frozenset()))


@dataclass(frozen=True, slots=True)
class SheetTable:
    opened: Any
    sheet: str
    formulas: frozenset[int]

    def rows(self) -> Iterator[Row]:
        """Yield each row with its number in the sheet, blank ones too."""
        with _refusing():
            sheet = self.opened.get_sheet_by_name(self.sheet)
            rows = sheet.iter_rows()  # from the first row of the sheet on, blank ones too
        for line_no, cells in enumerate(rows, 1):
            texts = [_text(cell) for cell in cells]
            refuse_long_cells(texts, line_no)
            yield Row(line_no, texts, has_formula=line_no in self.formulas)


def number_text(number: float) -> str:
    """
    Return a number cell as text with the digits that a spreadsheet keeps.

    A whole number of more digits than that comes out with an exponent: as an amount it is refused, as an id it is lost.
    """
    return f"{number:.{SPREADSHEET_DIGITS}g}"


@contextmanager
def open_workbook(file: BinaryIO, kind: FileKind) -> Iterator[Workbook]:
    """Open a workbook that is within the limits, or refuse the file."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only a workbook pays for the library

    formulas = check_xlsx(file) if kind is FileKind.XLSX else check_xls(file)
    file.seek(0)
    with _refusing():
        opened = CalamineWorkbook.from_filelike(file)
    try:
        names = list(opened.sheet_names)
        if len(names) > SHEETS_MAX:
            raise SettlementFileRefused(
                FileRefusal.TOO_MANY_COLUMNS, f"at most {SHEETS_MAX} sheets are read"
            )
        yield Workbook(opened, names, formulas)
    finally:
        opened.close()


def _text(cell: Any) -> str:
    """Return the value of a cell as text; dates in the form of ISO 8601, numbers with the digits that were kept."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return number_text(cell)
        case dt.datetime():
            return cell.replace(tzinfo=None).isoformat(" ")
        case _:
            return str(cell)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the library makes of a damaged workbook into a refusal, a panic of its compiled part included."""
    from python_calamine import CalamineError, PasswordError  # noqa: PLC0415 - see above

    try:
        yield
    except PasswordError:
        raise SettlementFileRefused(FileRefusal.ENCRYPTED, "the workbook is encrypted") from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise _damaged() from None
    except BaseException as error:
        # It derives from BaseException, and no module exports it.
        if type(error).__name__ == "PanicException":
            raise _damaged() from None
        raise


def _damaged() -> SettlementFileRefused:
    return SettlementFileRefused(FileRefusal.DAMAGED, "the workbook cannot be opened")
