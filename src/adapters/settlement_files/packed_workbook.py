"""What is looked at in an XLSX file before it is opened: its size inside, macros, DTDs, and where formulas are."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any, BinaryIO, Final
from xml.parsers.expat import ExpatError, ParserCreate

from adapters.settlement_files.limits import (
    COLUMNS_MAX,
    FILE_BYTES_MAX,
    INFLATION_MAX,
    WORKBOOK_CELLS_MAX,
)
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

INFLATED_BYTES_MAX: Final = 8 * FILE_BYTES_MAX
INFLATED_BYTES_FREE: Final = 1024 * 1024
"""A workbook may grow to this whatever its own size is: an empty one grows a lot."""

ENTRIES_MAX: Final = 1_000
SHEET_ROWS_MAX: Final = 1_048_576
_CHUNK: Final = 256 * 1024
_LOCAL: Final = struct.Struct("<4s22xHH")
_STORED: Final = 0
_DEFLATED: Final = 8
_ENCRYPTED_FLAG: Final = 1
_XML: Final = (".xml", ".rels")


def check_xlsx(file: BinaryIO) -> dict[str, frozenset[int]]:
    """Return by sheet the rows with formulas, or refuse what may not be opened."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename.lstrip("/"): entry for entry in archive.infolist()}
            _check_entries(entries, len(archive.infolist()))
            return _scanned(file, entries)
    except (zipfile.BadZipFile, zlib.error, struct.error, ExpatError, OSError, ValueError,
            LookupError, NotImplementedError, OverflowError, RecursionError, EOFError):  # fmt: skip
        raise _damaged() from None


def _check_entries(entries: dict[str, zipfile.ZipInfo], count: int) -> None:
    if count > ENTRIES_MAX or len(entries) < count or "xl/workbook.xml" not in entries:
        raise _damaged()
    if any("vbaproject" in name.lower() or "macrosheet" in name.lower() for name in entries):
        raise SettlementFileRefused(FileRefusal.WITH_MACROS, "the workbook has macros")
    for entry in entries.values():
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise SettlementFileRefused(FileRefusal.ENCRYPTED, "the workbook is encrypted")
        if entry.compress_type not in {_STORED, _DEFLATED}:
            raise _damaged()


@dataclass(slots=True)
class _Budget:
    """How many bytes may still come out of the archive."""

    left: int

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise SettlementFileRefused(
                FileRefusal.INFLATES_TOO_FAR,
                f"the workbook grows more than {INFLATION_MAX}-fold, or beyond {INFLATED_BYTES_MAX} bytes",
            )


def _scanned(file: BinaryIO, entries: dict[str, zipfile.ZipInfo]) -> dict[str, frozenset[int]]:
    size = file.seek(0, 2)
    budget = _Budget(min(max(size * INFLATION_MAX, INFLATED_BYTES_FREE), INFLATED_BYTES_MAX))
    scans: dict[str, _Scan] = {}
    for name, entry in entries.items():
        scan = _Scan()
        parser = _parser(scan) if name.lower().endswith(_XML) else None
        for chunk in _inflated(file, entry):
            budget.take(len(chunk))
            if parser is not None:
                parser.Parse(chunk)
        if parser is not None:
            parser.Parse(b"", True)  # noqa: FBT003 - positional alone, in C
            scans[name] = scan
    targets = (
        scans["xl/_rels/workbook.xml.rels"].targets if "xl/_rels/workbook.xml.rels" in scans else {}
    )
    return {
        sheet: frozenset(scans[target].formulas)
        for sheet, link in scans["xl/workbook.xml"].sheets.items()
        if (target := _part(targets.get(link, ""))) in scans
    }


def _inflated(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of an entry as it really inflates, whatever size its header claims."""
    file.seek(entry.header_offset)
    mark, name_length, extra_length = _LOCAL.unpack(file.read(_LOCAL.size))
    if mark != b"PK\x03\x04":
        raise _damaged()
    file.seek(entry.header_offset + _LOCAL.size + name_length + extra_length)
    left = entry.compress_size
    inflate = zlib.decompressobj(-15) if entry.compress_type == _DEFLATED else None
    at = file.tell()
    while left > 0:
        file.seek(at)
        packed = file.read(min(_CHUNK, left))
        if not packed:
            raise _damaged()
        at += len(packed)
        left -= len(packed)
        while packed:
            if inflate is None:
                yield packed
                break
            yield inflate.decompress(packed, _CHUNK)
            packed = inflate.unconsumed_tail
    if inflate is not None:
        while rest := inflate.decompress(inflate.unconsumed_tail, _CHUNK):
            yield rest


@dataclass(slots=True)
class _Scan:
    """What the elements of one part come to."""

    sheets: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    formulas: set[int] = field(default_factory=set)
    _row: int = 0
    _column: int = 0
    _rows_most: int = 0
    _columns_most: int = 0
    _cells: int = 0

    def begin(self, tag: str, given: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "c":
                self._cell(given.get("r"))
            case "f":
                self.formulas.add(self._row)
            case "row":
                self._row = int(given["r"]) if "r" in given else self._row + 1
                self._column = 0
                self._check()
            case "si" | "t" | "r":
                self._cells += 1
                self._check()
            case "sheet":
                link = next((value for name, value in given.items() if name.endswith(":id")), "")
                self.sheets[given.get("name", "")] = link
            case "Relationship":
                self.targets[given.get("Id", "")] = given.get("Target", "")

    def _cell(self, place: str | None) -> None:
        if place is None:
            self._column += 1
        else:
            letters = place.rstrip("0123456789")
            self._row = int(place[len(letters) :])
            self._column = _column(letters)
        self._cells += 1
        self._check()

    def _check(self) -> None:
        self._rows_most = max(self._rows_most, self._row)
        self._columns_most = max(self._columns_most, self._column)
        if self._rows_most > SHEET_ROWS_MAX:
            raise _damaged()
        if self._columns_most > COLUMNS_MAX:
            raise SettlementFileRefused(
                FileRefusal.TOO_MANY_COLUMNS, f"at most {COLUMNS_MAX} columns are read", self._row
            )
        if max(self._cells, self._rows_most * self._columns_most) > WORKBOOK_CELLS_MAX:
            raise SettlementFileRefused(
                FileRefusal.TOO_MANY_ROWS,
                f"a sheet has at most {WORKBOOK_CELLS_MAX} cells; save it as CSV",
            )


def _parser(scan: _Scan) -> Any:
    """Return a parser that refuses a DTD, and with it every entity of its own."""
    parser = ParserCreate()
    parser.StartElementHandler = scan.begin

    def refuse(*_: object) -> None:
        raise SettlementFileRefused(FileRefusal.XML_WITH_DTD, "the workbook holds a DTD")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _column(letters: str) -> int:
    """Return the number of a column from its letters, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
        if not 0 < number <= 10 * COLUMNS_MAX * COLUMNS_MAX:
            raise ValueError("no column")
    return number


def _part(target: str) -> str:
    """Return the name of the part that a relationship of the workbook names."""
    return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))


def _damaged() -> SettlementFileRefused:
    return SettlementFileRefused(FileRefusal.DAMAGED, "the workbook cannot be opened")
