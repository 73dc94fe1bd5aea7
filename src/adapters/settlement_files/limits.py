"""The limits within which a file is read; beyond them it is refused."""

from typing import Final

from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
INFLATION_MAX: Final = 100
"""How many times its size a compressed workbook may grow."""

ROWS_MAX: Final = 2_000_000
COLUMNS_MAX: Final = 200
CELL_CHARS_MAX: Final = 2_000
LINE_CHARS_MAX: Final = COLUMNS_MAX * (CELL_CHARS_MAX + 3)
HEADER_ROWS_MAX: Final = 40
"""The header is looked for in so many rows from the top."""

SETTLEMENTS_MAX: Final = 10_000
WORKBOOK_CELLS_MAX: Final = 10_000_000
"""A workbook is held in memory whole; more than these is sent as CSV."""

ENTRIES_MAX: Final = 200_000
"""Entries of one statement, which is held in memory whole."""


def refuse_long_cells(cells: list[str], line_no: int) -> None:
    """Refuse the file when a row has too many cells or one of them is too long."""
    if len(cells) > COLUMNS_MAX:
        raise SettlementFileRefused(
            FileRefusal.TOO_MANY_COLUMNS, f"at most {COLUMNS_MAX} columns are read", line_no
        )
    if cells and max(map(len, cells)) > CELL_CHARS_MAX:
        raise SettlementFileRefused(
            FileRefusal.CELL_TOO_LONG, f"a cell has at most {CELL_CHARS_MAX} characters", line_no
        )
