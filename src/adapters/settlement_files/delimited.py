"""Text files with one row a line: CSV and its kin, read row by row."""

import csv
from collections.abc import Callable, Iterator
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
from domain.settlements.keyed_line import KeyedLine
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
        for row in self.rows_but(_nothing, behind=0):
            if isinstance(row, Row):
                yield row

    def rows_but(
        self, usual: Callable[[str, int], KeyedLine | None], *, behind: int
    ) -> Iterator[Row | KeyedLine]:
        """
        Yield the rows likewise; what *usual* makes a line of is not divided into cells.

        It is given what stands *behind* so many lines, with its number, and not what goes on within a quote.
        """
        with as_text(self.file, self.encoding) as text:
            lines = _lines(text)
            unread: list[str] = []
            reader = csv.reader(
                _unread_first(unread, lines),
                delimiter=self.delimiter,
                strict=True,
                skipinitialspace=True,
            )
            begins = count = 0
            for line in lines:
                begins += 1
                count += 1
                if count > ROWS_MAX:
                    raise SettlementFileRefused(
                        FileRefusal.TOO_MANY_ROWS, f"at most {ROWS_MAX} rows are read"
                    )
                if begins > behind and (known := usual(line, begins)) is not None:
                    yield known
                    continue
                unread.append(line)
                before = reader.line_num
                row = _next_row(reader, begins)
                begins += reader.line_num - before - 1
                yield row


def _nothing(line: str, line_no: int) -> None:
    del line, line_no


def _unread_first(unread: list[str], lines: Iterator[str]) -> Iterator[str]:
    while True:
        if unread:
            yield unread.pop()
        elif (line := next(lines, None)) is not None:
            yield line
        else:
            return


def _next_row(rows: Iterator[list[str]], begins: int) -> Row:
    try:
        cells = next(rows)
    except csv.Error as error:
        if "limit" in str(error):
            raise SettlementFileRefused(
                FileRefusal.CELL_TOO_LONG, "a cell does not end", begins
            ) from None
        return Row(begins, None)
    refuse_long_cells(cells, begins)
    return Row(begins, cells)


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
