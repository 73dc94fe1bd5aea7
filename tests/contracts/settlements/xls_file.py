"""Writes old Excel workbooks (BIFF8 in a compound file) for tests: text, numbers and formulas with stored values."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SECTOR: Final = 512
_STREAM_MIN: Final = 4096
_END: Final = 0xFFFFFFFE
_FREE: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula cell with the number that was stored for it."""

    value: float


def xls(
    rows: Sequence[Sequence[str | float | Formula]], *, more: bytes = b"", at: int = 0
) -> bytes:
    """Return a workbook of one sheet; *more* are records in front of its cells, *at* moves the rows down."""
    cells = b"".join(
        _cell(number + at, column, cell)
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell != ""
    )
    sheet = _bof(0x0010) + more + cells + _record(0x000A, b"")
    name = b"Sheet1"
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name
    head_bytes = len(_bof(0x0005)) + 4 + len(bound) + 4
    bound = struct.pack("<I", head_bytes) + bound[4:]
    stream = _bof(0x0005) + _record(0x0085, bound) + _record(0x000A, b"") + sheet
    return compound({"Workbook": stream.ljust(_STREAM_MIN, b"\x00")})


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file of *streams*, each of at least 4096 bytes."""
    sectors: list[bytes] = [b"", b""]  # the table and the directory
    table = [0xFFFFFFFD, _END]
    entries = [_entry("Root Entry", 5, _END, 0, 1)]
    for place, (name, content) in enumerate(streams.items(), 1):
        first = len(sectors)
        pieces = [content[at : at + SECTOR] for at in range(0, len(content), SECTOR)]
        sectors.extend(piece.ljust(SECTOR, b"\x00") for piece in pieces)
        table.extend([*range(first + 1, first + len(pieces)), _END])
        follows = place + 1 if place < len(streams) else _FREE
        entries.append(_entry(name, 2, first, len(content), follows))
    sectors[0] = struct.pack("<128I", *(table + [_FREE] * (128 - len(table))))
    sectors[1] = b"".join(entries).ljust(SECTOR, b"\x00")
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\x00" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\x00" * 10
        + struct.pack("<IIII", 1, 1, 0, _STREAM_MIN)
        + struct.pack("<IIII", _END, 0, _END, 0)
        + struct.pack("<109I", 0, *([_FREE] * 108))
    )
    return header + b"".join(sectors)


def _entry(name: str, kind: int, first: int, size: int, leads_to: int = _FREE) -> bytes:
    text = (name + "\x00").encode("utf-16-le")
    tree = (_FREE, leads_to, _FREE) if kind == 2 else (_FREE, _FREE, leads_to)
    return (
        text.ljust(64, b"\x00")
        + struct.pack("<HBB", len(text), kind, 1)
        + struct.pack("<III", *tree)
        + b"\x00" * 36
        + struct.pack("<IQ", first, size)
    )


def _cell(row: int, column: int, cell: str | float | Formula) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(cell, str):
        text = cell.encode("utf-16-le")
        return _record(0x0204, place + struct.pack("<HB", len(cell), 1) + text)
    if isinstance(cell, Formula):
        body = place + struct.pack("<dHIH", cell.value, 0, 0, 3) + b"\x1e\x01\x00"
        return _record(0x0006, body)
    return _record(0x0203, place + struct.pack("<d", cell))


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 6))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body
