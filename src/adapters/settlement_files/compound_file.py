"""What is looked at in an XLS file before it is opened: encryption, macros, the place of its cells, formulas."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.settlement_files.limits import COLUMNS_MAX, WORKBOOK_CELLS_MAX
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

_HEADER_BYTES: Final = 512
_FREE: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks and no sectors."""

_ENTRY_BYTES: Final = 128
_SHORT_STREAM_BYTES: Final = 4096
"""A shorter stream stands in small sectors; no workbook with rows is so short."""

_PLACE_BYTES: Final = 4
"""Row and column, at the beginning of a cell's record."""

_NAME_BYTES_MAX: Final = 64
_BEGIN: Final = 0x0809
_END: Final = 0x000A
_SHEET: Final = 0x0085
_ENCRYPTED: Final = 0x002F
_FORMULA: Final = 0x0006
_CELLS: Final = frozenset({0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x00BD, 0x00BE, 0x00D6, 0x00FD,
                           0x0201, 0x0203, 0x0204, 0x0205, 0x0206, 0x027E, 0x0406})  # fmt: skip
"""Records that are cells: blank, number, label, formula and their kin in every version of BIFF."""

_SEVERAL: Final = frozenset({0x00BD, 0x00BE})
"""Records of several cells; the last column stands at their end."""

_MACROS: Final = ("_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA")
_ENCRYPTED_STREAMS: Final = ("EncryptedPackage", "EncryptionInfo")


def check_xls(file: BinaryIO) -> dict[str, frozenset[int]]:
    """Return by sheet the rows with formulas, or refuse what may not be opened."""
    file.seek(0)
    try:
        return _checked(file.read())
    except (struct.error, IndexError, UnicodeDecodeError):
        raise _damaged() from None


def _checked(content: bytes) -> dict[str, frozenset[int]]:
    compound = _Compound.of(content)
    streams = dict(compound.entries())
    if any(name in streams for name in _ENCRYPTED_STREAMS):
        raise SettlementFileRefused(FileRefusal.ENCRYPTED, "the workbook is encrypted")
    if any(name in streams for name in _MACROS):
        raise SettlementFileRefused(FileRefusal.WITH_MACROS, "the workbook has macros")
    found = streams.get("Workbook", streams.get("Book"))
    if found is None:
        raise _damaged()
    first, size = found
    stream = compound.stream(first, size)
    return _scanned(stream)


def _scanned(stream: bytes) -> dict[str, frozenset[int]]:
    starts: dict[int, str] = {}
    formulas: dict[int, set[int]] = {}
    at, sheet, rows, columns = 0, 0, 0, 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = at + 4
        if kind == _BEGIN:
            sheet, rows, columns = at, 0, 0
        elif kind == _ENCRYPTED:
            raise SettlementFileRefused(FileRefusal.ENCRYPTED, "the workbook is encrypted")
        elif kind == _SHEET:
            begins, _, form = struct.unpack_from("<IBB", stream, body)
            if form == 1:
                raise SettlementFileRefused(FileRefusal.WITH_MACROS, "the workbook has macros")
            starts[begins] = _sheet_name(stream[body + 6 : body + length])
        elif kind in _CELLS and length >= _PLACE_BYTES:
            row, column = struct.unpack_from("<HH", stream, body)
            if kind in _SEVERAL:
                (column,) = struct.unpack_from("<H", stream, body + length - 2)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            _check_place(rows, columns)
            if kind & 0xFF == _FORMULA:
                formulas.setdefault(sheet, set()).add(row + 1)
        at = body + length
    return {name: frozenset(formulas.get(begins, ())) for begins, name in starts.items()}


def _check_place(rows: int, columns: int) -> None:
    if columns > COLUMNS_MAX:
        raise SettlementFileRefused(
            FileRefusal.TOO_MANY_COLUMNS, f"at most {COLUMNS_MAX} columns are read", rows
        )
    if rows * columns > WORKBOOK_CELLS_MAX:
        raise SettlementFileRefused(
            FileRefusal.TOO_MANY_ROWS,
            f"a sheet has at most {WORKBOOK_CELLS_MAX} cells; save it as CSV",
        )


def _sheet_name(record: bytes) -> str:
    """Return the name in a sheet's record: its length, whether its characters have two bytes, and they."""
    length, wide = record[0], record[1] & 1
    text = record[2 : 2 + length * (2 if wide else 1)]
    return text.decode("utf-16-le" if wide else "latin-1")


@dataclass(frozen=True, slots=True)
class _Compound:
    """A compound file (MS-CFB): sectors in chains."""

    content: bytes
    sector_bytes: int
    table: list[int]
    directory: int

    @classmethod
    def of(cls, content: bytes) -> "_Compound":
        (shift,) = struct.unpack_from("<H", content, 30)
        if shift not in {9, 12}:
            raise _damaged()
        size = 1 << shift
        count, directory = struct.unpack_from("<II", content, 44)
        more, more_count = struct.unpack_from("<II", content, 68)
        sectors = [each for each in struct.unpack_from("<109I", content, 76) if each < _FREE]
        seen = 0
        while more < _FREE and seen < more_count:
            listed = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
            sectors.extend(each for each in listed[:-1] if each < _FREE)
            more = listed[-1]
            seen += 1
        table: list[int] = []
        for sector in sectors[: min(count, len(content) // size + 1)]:
            table.extend(struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size))
        return cls(content, size, table, directory)

    def entries(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield each stream and storage by its name: its first sector and its size."""
        listing = b"".join(self._chain(self.directory))
        for at in range(0, len(listing) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            entry = listing[at : at + _ENTRY_BYTES]
            (length,) = struct.unpack_from("<H", entry, 64)
            if entry[66] == 0 or not 0 < length <= _NAME_BYTES_MAX:
                continue
            first, size = struct.unpack_from("<II", entry, 116)
            yield entry[: max(length - 2, 0)].decode("utf-16-le"), (first, size)

    def stream(self, first: int, size: int) -> bytes:
        if size < _SHORT_STREAM_BYTES:
            raise _damaged()
        return b"".join(self._chain(first))[:size]

    def _chain(self, sector: int) -> Iterator[bytes]:
        """Yield the sectors of a chain; one that is longer than the file goes in a circle."""
        for _ in range(len(self.content) // self.sector_bytes + 1):
            if sector >= _FREE:
                return
            begins = (sector + 1) * self.sector_bytes
            yield self.content[begins : begins + self.sector_bytes]
            sector = self.table[sector]
        raise _damaged()


def _damaged() -> SettlementFileRefused:
    return SettlementFileRefused(FileRefusal.DAMAGED, "the workbook cannot be opened")
