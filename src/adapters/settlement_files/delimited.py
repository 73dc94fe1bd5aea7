"""Text files with one row a line: CSV and its kin, read row by row."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from typing import BinaryIO, Final

from adapters.settlement_files.decoding import Encoding, as_text
from adapters.settlement_files.limits import (
    HEADER_ROWS_MAX,
    LINE_CHARS_MAX,
    ROWS_MAX,
    refuse_long_cells,
)
from adapters.settlement_files.rows import Row
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

DELIMITERS: Final = (",", ";", "\t", "|")
_NEWLINES: Final = (("\r\n", "CRLF"), ("\n", "LF"), ("\r", "CR"))


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    file: BinaryIO
    encoding: Encoding
    delimiter: str

    def rows(self) -> Iterator[Row]:
        """
        Yield each row with the line at which it begins, blank ones too.

        A row whose quotes are wrong has no cells. Refuses the file beyond its limits.
        """
        with as_text(self.file, self.encoding) as text:
            reader = csv.reader(
                _lines(text), delimiter=self.delimiter, strict=True, skipinitialspace=True
            )
            count = 0
            while True:
                begins = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    if "limit" in str(error):
                        raise SettlementFileRefused(
                            FileRefusal.CELL_TOO_LONG, "a cell does not end", begins
                        ) from None
                    yield Row(begins, None)
                    continue
                count += 1
                if count > ROWS_MAX:
                    raise SettlementFileRefused(
                        FileRefusal.TOO_MANY_ROWS, f"at most {ROWS_MAX} rows are read"
                    )
                refuse_long_cells(cells, begins)
                yield Row(begins, cells)


def head_lines(file: BinaryIO, encoding: Encoding) -> list[str]:
    """Return the first lines of *file*, among which its header is looked for."""
    with as_text(file, encoding) as text:
        return list(islice(_lines(text), HEADER_ROWS_MAX))


def head_rows(lines: list[str], delimiter: str) -> Iterator[Row]:
    """Yield the rows of the first lines, as *delimiter* divides them; a line that it cannot divide is blank."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    while True:
        begins = reader.line_num + 1
        try:
            yield Row(begins, next(reader))
        except StopIteration:
            return
        except csv.Error:
            yield Row(begins, [])


def newline_of(line: str) -> str | None:
    """Return how *line* ends."""
    return next((name for end, name in _NEWLINES if line.endswith(end)), None)


def _lines(text: TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LINE_CHARS_MAX + 1):
        number += 1
        if len(line) > LINE_CHARS_MAX:
            raise SettlementFileRefused(
                FileRefusal.CELL_TOO_LONG, f"a line has at most {LINE_CHARS_MAX} characters", number
            )
        yield line
