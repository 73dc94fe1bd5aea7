"""How a settlement file or a bank statement would be read, as lines of text; nothing is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from adapters.settlement_files.presets import PresetInvalid, Presets
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.statement_reader import PresetStatementReader
from domain.business_day import IST
from domain.settlements.bank_statement import BankEntry
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow, WarnedLine
from domain.settlements.settlement_line import SettlementLine
from domain.settlements.settlement_totals import DeclaredTotals, SettlementTotals
from ports.settlements.bank_statement_reader import StatementReport
from ports.settlements.settlement_file_reader import (
    FileFormat,
    FileSummary,
    SettlementFileRefused,
)

SETTLEMENTS_SHOWN_MAX: Final = 50
TEXT_SHOWN_CHARS: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewWanted:
    """Which file, and what is known about it."""

    file: Path
    preset: str | None = None
    own_presets: tuple[Path, ...] = ()
    mid: str | None = None
    account: str | None = None
    shown_lines: int = 5
    is_statement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPreview:
    """What is to be shown, whether the file would be held, or why it is refused."""

    lines: tuple[str, ...] = ()
    is_held: bool = False
    problem: str = ""


def preview_of(wanted: PreviewWanted) -> SettlementPreview:
    """Read the file that is *wanted* to its end and say what is in it."""
    try:
        presets = Presets.shipped(wanted.own_presets)
        with wanted.file.open("rb") as file:
            if wanted.is_statement:
                return _statement(wanted, presets, file)
            return _report(wanted, presets, file)
    except (SettlementFileRefused, PresetInvalid) as refusal:
        return SettlementPreview(problem=f"{refusal}")
    except OSError as error:
        return SettlementPreview(problem=f"{wanted.file} cannot be read: {error.strerror}")


def _report(wanted: PreviewWanted, presets: Presets, file: BinaryIO) -> SettlementPreview:
    first: list[SettlementLine] = []
    rejected: list[RejectedRow] = []
    warned: list[WarnedLine] = []
    reader = PresetFileReader(presets)
    with reader.read(file, wanted.file.name, preset=wanted.preset, mid=wanted.mid) as reading:
        for item in reading.items():
            match item:
                case KeyedLine(line=line):
                    if len(first) < wanted.shown_lines:
                        first.append(line)
                case RejectedRow():
                    if len(rejected) < wanted.shown_lines:
                        rejected.append(item)
                case WarnedLine():
                    if len(warned) < wanted.shown_lines:
                        warned.append(item)
        summary = reading.summary()
    lines = (
        *_format(summary.format),
        *_counts(summary),
        *_settlements(summary),
        *(f"declared: {_declared(each)}" for each in summary.declared[:SETTLEMENTS_SHOWN_MAX]),
        *(f"line {each.line_no}: {_line(each)}" for each in first),
        *(f"line {each.line_no}: {_warned(each)}" for each in warned),
        *(f"line {each.line_no}: {_rejected(each)}" for each in rejected),
        *(f"would be held: {reason.replace('_', ' ')}" for reason in summary.held_for),
    )
    return SettlementPreview(lines=lines, is_held=bool(summary.held_for))


def _statement(wanted: PreviewWanted, presets: Presets, file: BinaryIO) -> SettlementPreview:
    report = PresetStatementReader(presets).read(
        file, wanted.file.name, preset=wanted.preset, account=wanted.account
    )
    lines = (*_format(report.format), *_statements(report, wanted.shown_lines))
    return SettlementPreview(lines=lines, is_held=report.is_held)


def _statements(report: StatementReport, shown: int) -> Iterator[str]:
    for each in report.statements:
        yield (
            f"account {each.account or 'not named'}: opening {each.opening}, "
            f"{len(each.entries)} entries, closing {each.closing}"
        )
        for entry in islice(each.entries, shown):
            yield f"entry {entry.entry_no}: {_entry(entry)}"
        for place in islice(each.breaks(), shown):
            yield f"would be held: the balance does not follow at entry {place}"
    for row in report.rejected[:shown]:
        yield f"line {row.line_no}: {_rejected(row)}"
    if report.rejected:
        yield f"would be held: {len(report.rejected)} rows cannot be read"
    if not report.summary_agrees:
        yield "would be held: the summary differs from the entries"
    if not report.balances_follow:
        yield "would be held: balances do not follow"


def _format(form: FileFormat) -> Iterator[str]:
    told = [f"{form.preset} (version {form.preset_version})"]
    if form.encoding:
        told.append(f"{form.encoding}{' (a guess)' if form.encoding_guessed else ''}")
    if form.sheet:
        told.append(f"sheet {form.sheet[:TEXT_SHOWN_CHARS]!r}")
    if form.delimiter:
        told.append(f"delimiter {form.delimiter!r}")
    if form.header_line:
        told.append(f"header in line {form.header_line}")
    yield f"read as {', '.join(told)}"


def _counts(summary: FileSummary) -> Iterator[str]:
    yield (
        f"{summary.line_count} lines, {summary.rejected_count} rejected, "
        f"{summary.skipped_count} other rows"
    )
    for warning, count in summary.warnings.items():
        yield f"warning {warning.replace('_', ' ')}: {count}"


def _settlements(summary: FileSummary) -> Iterator[str]:
    for each in summary.settlements[:SETTLEMENTS_SHOWN_MAX]:
        yield f"settlement {each.key}: {_totals(each)}"
    if (more := len(summary.settlements) - SETTLEMENTS_SHOWN_MAX) > 0:
        yield f"and {more} more settlements"


def _totals(totals: SettlementTotals) -> str:
    return (
        f"{totals.lines} lines, credits {totals.credits}, debits {totals.debits}, fee {totals.fee}, "
        f"tax {totals.tax}, net {totals.net}"
    )


def _declared(told: DeclaredTotals) -> str:
    figures = {
        "lines": told.lines,
        "credits": told.credits,
        "debits": told.debits,
        "fee": told.fee,
        "tax": told.tax,
        "net": told.net,
    }
    stated = ", ".join(f"{name} {figure}" for name, figure in figures.items() if figure is not None)
    return f"{told.settlement_id}: {stated}" if told.settlement_id else stated


def _line(line: SettlementLine) -> str:
    paid = f", paid {line.txn_at.astimezone(IST):%Y-%m-%d %H:%M} IST" if line.txn_at else ""
    subject = line.payment_id or line.bank_txn_id or line.rrn or "no id"
    again = f", occurrence {line.occurrence}" if line.occurrence > 1 else ""
    return (
        f"{line.line_type.replace('_', ' ')} {line.direction} {subject}, gross {line.gross}, "
        f"net {line.net}{paid}, settled {line.settled_on}{again}"
    )


def _entry(entry: BankEntry) -> str:
    said = entry.narration[:TEXT_SHOWN_CHARS]
    return f"{entry.booked_on} {entry.amount}, balance {entry.balance}, {said}"


def _warned(warned: WarnedLine) -> str:
    field = f" ({warned.field})" if warned.field else ""
    return f"warning {warned.warning.replace('_', ' ')}{field}"


def _rejected(row: RejectedRow) -> str:
    return f"rejected, {row.reason.replace('_', ' ')}: {row.text[:TEXT_SHOWN_CHARS]}"
