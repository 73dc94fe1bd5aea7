"""A return as the offline tool's sheets, each a file of comma-separated values, in one archive."""

import csv
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from adapters.spreadsheet.sheets import SHEETS, Cell, Sheet, listed_row, summed_rows
from domain.gst_returns.gstr1 import Gstr1, ListedDocument
from ports.gst_returns.return_files import ReturnHead

ENCODING: Final = "utf-8-sig"
"""UTF-8 with a byte order mark, so that spreadsheet programs read names in any script."""

FORMULA_MARKS: Final = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  # some programs read the wide ones too
SAME_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""A fixed time: with the current time every copy would be a different file."""


@dataclass(frozen=True, slots=True)
class OneSheet:
    raw: BinaryIO
    text: TextIOWrapper
    rows: Any

    @classmethod
    def begin(cls) -> Self:
        raw = TemporaryFile()  # noqa: SIM115  # closed with its text
        text = TextIOWrapper(raw, encoding=ENCODING, newline="")
        return cls(raw, text, csv.writer(text))


@dataclass(slots=True)
class SheetFiles:
    head: ReturnHead
    to: BinaryIO
    _files: dict[str, "OneSheet"] = field(init=False)

    def __post_init__(self) -> None:
        self._files = {sheet.name: OneSheet.begin() for sheet in SHEETS}
        for sheet in SHEETS:
            self._write(sheet, sheet.headings)

    def add(self, line: ListedDocument) -> None:
        self._write(*listed_row(line))

    def finish(self, totals: Gstr1) -> None:
        for sheet, cells in summed_rows(totals):
            self._write(sheet, cells)
        pack(self._files, self.to)

    def close(self) -> None:
        """Close the temporary files; an unfinished return is lost."""
        for file in self._files.values():
            file.text.close()

    def _write(self, sheet: Sheet, cells: Sequence[Cell]) -> None:
        self._files[sheet.name].rows.writerow(list(safe(cells)))


def pack(files: Mapping[str, OneSheet], to: BinaryIO) -> None:
    """Write *files*, each as ``NAME.csv``, into one archive; the same rows make the same bytes."""
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        for name, file in files.items():
            file.text.flush()
            file.raw.seek(0)
            entry = ZipInfo(f"{name}.csv", SAME_DATE)
            entry.compress_type = ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as into:
                shutil.copyfileobj(file.raw, into)


def safe(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Yield *cells* so that no spreadsheet program takes a text for a formula; amounts stay as they are."""
    for cell in cells:
        if isinstance(cell, str) and cell.startswith(FORMULA_MARKS):
            yield f"'{cell}"
        else:
            yield cell
