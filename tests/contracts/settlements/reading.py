"""Reads files made in a test."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from adapters.settlement_files.presets import Presets
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.statement_reader import PresetStatementReader
from contracts.settlements.sampled import SAMPLES
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow, WarnedLine
from domain.settlements.settlement_line import SettlementLine
from ports.settlements.bank_statement_reader import StatementReport
from ports.settlements.settlement_file_reader import FileSummary

PRESETS: Final = Presets.shipped()
READER: Final = PresetFileReader(PRESETS)
STATEMENTS: Final = PresetStatementReader(PRESETS)
UPI: Final = (SAMPLES / "01-clean.csv").read_text(encoding="utf-8")
CARD: Final = (SAMPLES / "02-bom-crlf.csv").read_text(encoding="utf-8-sig")

Read = tuple[list[SettlementLine], list[RejectedRow], list[WarnedLine], FileSummary]


def read(content: bytes | str, name: str = "a.csv", **given: str) -> Read:
    """Return lines, rejected rows, warnings and summary of a file."""
    data = content.encode() if isinstance(content, str) else content
    with READER.read(BytesIO(data), name, **given) as reading:
        items = list(reading.items())
        summary = reading.summary()
    return (
        [each.line for each in items if isinstance(each, KeyedLine)],
        [each for each in items if isinstance(each, RejectedRow)],
        [each for each in items if isinstance(each, WarnedLine)],
        summary,
    )


def statement(content: bytes | str, name: str, **given: str) -> StatementReport:
    """Return the report of a statement."""
    data = content.encode() if isinstance(content, str) else content
    return STATEMENTS.read(BytesIO(data), name, **given)


def upi(*rows: Sequence[str] | str) -> str:
    """Return a UPI report of *rows*, each a line of text or the changes ``Header=value`` to a usual one."""
    header, usual = UPI.splitlines()[:2]
    names = header.split(",")
    lines = [header]
    for row in rows:
        if isinstance(row, str):
            lines.append(row)
            continue
        cells = usual.split(",")
        for change in row:
            name, _, value = change.partition("=")
            cells[names.index(name)] = f'"{value}"' if "," in value else value
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"
