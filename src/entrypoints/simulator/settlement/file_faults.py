"""Faults of a settlement file as a whole: broken so that it has to be held, or dressed so that it must not matter."""

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrypoints.simulator.faults.settlement_faults import SettlementFault
from entrypoints.simulator.rupees import shown
from entrypoints.simulator.settlement.reports import write_rows

Rows = list[list[str]]
AMOUNT: Final = re.compile(r"(-?)(\d+\.\d{2})", re.ASCII)
LONG_NUMBER: Final = re.compile(r"\d{12,}", re.ASCII)
FREE_COLUMNS: Final = ("Additional Field 1", "UDF1")
HOSTILE: Final = (
    '@SUM(1+1)*HYPERLINK("http://example.com")',
    "=cmd|' /C calc'!A0",
    "line one\nline two",
    "4012 0000 0000 1097",
    "<script>alert(1)</script>",
)
CUT_PART: Final = 10
TOTAL: Final = "TOTAL"
WRONG_TOTAL: Final = "1.00"


def faulty_json(body: bytes, kinds: frozenset[SettlementFault]) -> bytes:
    """Return the report with those of *kinds* that a JSON report can have."""
    if kinds & {SettlementFault.FILE_TOTALS, SettlementFault.FILE_NO_TOTALS}:
        told = msgspec.json.decode(body, type=dict[str, Any])
        for settlement in told["settlements"]:
            totals = settlement["totals"]
            totals["net"] = f"{Decimal(totals['net']) + Decimal(WRONG_TOTAL):.2f}"
            if SettlementFault.FILE_NO_TOTALS in kinds:
                del settlement["totals"]
        body = msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"
    return _cut(body) if SettlementFault.FILE_CUT in kinds else body


def faulty_csv(body: bytes, kinds: frozenset[SettlementFault]) -> bytes:
    """Return the report with those of *kinds* that a CSV report can have."""
    rows = list(csv.reader(io.StringIO(body.decode())))
    lines = len([row for row in rows[1:] if row and row[0] != TOTAL])
    width = len(rows[0])
    for kind, change in ROW_CHANGES.items():
        if kind in kinds:
            rows = change(rows)
    dressed = SettlementFault.FILE_BOM_CRLF in kinds
    newline = "\r\n" if dressed else "\n"
    body = write_rows(rows, newline)
    if SettlementFault.FILE_CUT in kinds:
        body = _cut_rows(rows, width, lines_before_cut(lines), newline)
    return b"\xef\xbb\xbf" + body if dressed else body


def lines_before_cut(lines: int) -> int:
    """Return how many of the *lines* of a CSV report that was cut off are whole; the next one is in part there."""
    return max(0, lines - 1 - lines // CUT_PART)


def _cut(body: bytes) -> bytes:
    """Return *body* without its last tenth, as a transfer that broke off."""
    return body[: len(body) - max(1, len(body) // CUT_PART)]


def _cut_rows(rows: Rows, width: int, whole: int, newline: str) -> bytes:
    """Return the rows up to the middle of the line behind the *whole* ones, of the header when there is no line."""
    full = [number for number, row in enumerate(rows) if len(row) == width]
    broken = full[min(whole + 1, len(full) - 1)]
    return write_rows([*rows[:broken], rows[broken][: width // 2]], newline).rstrip()


def _without_total(rows: Rows) -> Rows:
    return [row for row in rows if row and row[0] != TOTAL]


def _wrong_total(rows: Rows) -> Rows:
    net = rows[0].index("Net Amount")
    lines = _without_total(rows)
    total = sum((Decimal(row[net]) for row in lines[1:]), Decimal(WRONG_TOTAL))
    return [*lines, [], [TOTAL, str(len(lines) - 1), *[""] * (net - 2), f"{total:.2f}"]]


def _grouped(rows: Rows) -> Rows:
    def cell(text: str) -> str:
        found = AMOUNT.fullmatch(text)
        return found[1] + shown(Decimal(found[2])) if found else text

    return [[cell(text) for text in row] for row in rows]


def _from_excel(rows: Rows) -> Rows:
    return [
        [f"{int(text):.4E}" if LONG_NUMBER.fullmatch(text) else text for text in row]
        for row in rows
    ]


def _swapped(rows: Rows) -> Rows:
    """Turn the order of the columns round; the net of the totals goes with its column."""
    width, net = len(rows[0]), rows[0].index("Net Amount")

    def turned(row: list[str]) -> list[str]:
        if row and row[0] == TOTAL:
            return [*row[:2], *[""] * (width - 1 - net - 2), row[-1]]
        return row[::-1] if len(row) == width else row

    return [turned(row) for row in rows]


def _hostile(rows: Rows) -> Rows:
    column = next(rows[0].index(name) for name in FREE_COLUMNS if name in rows[0])
    width = len(rows[0])
    for number, row in enumerate(rows[1:]):
        if len(row) == width:
            row[column] = HOSTILE[number % len(HOSTILE)]
    return rows


def _titled(rows: Rows) -> Rows:
    return [
        ["Merchant Payment Report"],
        [],
        *rows,
        ["PAN : AAAAA0000A", "GST : 27AAAAA0000A1Z5"],
    ]


ROW_CHANGES: Final[dict[SettlementFault, Callable[[Rows], Rows]]] = {
    SettlementFault.FILE_NO_TOTALS: _without_total,
    SettlementFault.FILE_TOTALS: _wrong_total,
    SettlementFault.FILE_HOSTILE: _hostile,
    SettlementFault.FILE_EXCEL: _from_excel,
    SettlementFault.FILE_GROUPED: _grouped,
    SettlementFault.FILE_SWAP_COLUMNS: _swapped,
    SettlementFault.FILE_TITLES: _titled,
}
"""In this order: titles come last, since the others expect the header in the first row."""
