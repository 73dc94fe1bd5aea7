"""The first sheet of an exported run: what it came to, as of when, and what the other sheets add up to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from adapters.spreadsheet.run_columns import HASH_SHOWN, Cell, Column, local, rupees
from domain.reconciliation.run import RunSummary
from ports.reconciliation.run_export import RunSheet
from ports.reconciliation.run_export_files import RunExportHead, SheetTotal

SUMMARY: Final = "Summary"
SUMMARY_COLUMNS: Final = (
    Column("Item", 44),
    Column("Value", 44),
    Column("Count", 12, is_number=True),
    Column("Amount (INR)", 18, is_number=True),
)
ZONE: Final = "Asia/Kolkata (IST, UTC+05:30)"


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One line of the summary; the title of a part has *item* alone."""

    item: str
    value: Cell = None
    count: int | None = None
    amount: Cell = None

    @property
    def cells(self) -> Sequence[Cell]:
        """The cells under ``SUMMARY_COLUMNS``."""
        return (self.item, self.value, self.count, self.amount)

    @property
    def is_title(self) -> bool:
        """Whether it names the part that begins with it."""
        return bool(self.item) and self.cells[1:] == (None, None, None)


BLANK: Final = SummaryRow("")


def summary_rows(
    head: RunExportHead, totals: Mapping[RunSheet, SheetTotal]
) -> Iterator[SummaryRow]:
    """Yield the lines of the summary."""
    run = head.run
    yield SummaryRow("Reconciliation", run.id)
    yield SummaryRow("First business date", run.first)
    yield SummaryRow("Last business date", run.last)
    yield SummaryRow("State", run.state.value)
    yield SummaryRow("Asked for by", f"{run.requested_by} ({run.trigger.value})")
    yield SummaryRow("Asked for at (IST)", local(run.requested_at))
    yield SummaryRow("As of (IST)", local(run.as_of))
    yield SummaryRow("Ended at (IST)", local(run.ended_at))
    yield SummaryRow("Exported at (IST)", local(head.at))
    yield SummaryRow("Time zone of all times and days", ZONE)
    if (summary := run.summary) is None:
        return
    yield SummaryRow("Bank holidays by", summary.calendar)
    yield BLANK
    yield SummaryRow("In this export")
    for sheet, total in totals.items():
        yield SummaryRow(sheet.value, None, total.rows, total.amount.rupees)
    yield BLANK
    yield from _compared(summary)
    for title, counts in (
        ("Discrepancies by type", summary.types),
        ("Discrepancies by cause", summary.causes),
        ("Settlements by outcome", summary.payouts),
        ("Bank credits by outcome", summary.credits),
    ):
        yield from _counts(title, counts)
    yield from _files(summary)


def _compared(summary: RunSummary) -> Iterator[SummaryRow]:
    yield SummaryRow("What the run compared: all that was open, whatever its day")
    yield SummaryRow("Matched", None, summary.matched, rupees(summary.matched_paise))
    yield SummaryRow("of these settled late", None, summary.late)
    yield SummaryRow("Expected", None, summary.expected, rupees(summary.expected_paise))
    yield SummaryRow("Missing when due", None, summary.overdue)
    yield SummaryRow("Discrepancies", None, summary.discrepancies)
    yield SummaryRow("Healed by a read of the bank", None, summary.healed)
    yield SummaryRow("Payments received", None, None, rupees(summary.received_paise))
    yield SummaryRow("Refunds processed", None, None, rupees(summary.refunded_paise))
    yield SummaryRow("Fees", None, None, rupees(summary.fees_paise))
    yield SummaryRow("GST on fees", None, None, rupees(summary.taxes_paise))
    yield SummaryRow("Net settlement", None, None, rupees(summary.net_paise))
    yield SummaryRow("Credited at the bank", None, None, rupees(summary.credited_paise))


def _counts(title: str, counts: Mapping[str, int]) -> Iterator[SummaryRow]:
    if not counts:
        return
    yield BLANK
    yield SummaryRow(title)
    for word, count in counts.items():
        yield SummaryRow(word, None, count)


def _files(summary: RunSummary) -> Iterator[SummaryRow]:
    if summary.missing:
        yield BLANK
        yield SummaryRow("Files that are missing or held, by MID, up to the day")
        for mid, day in summary.missing.items():
            yield SummaryRow(mid, date.fromisoformat(day))
    if summary.files:
        yield BLANK
        yield SummaryRow("Files whose lines the run took")
        for each in summary.files:
            posted = "posted" if each.posted else "held or waiting"
            yield SummaryRow(each.settlement, f"{posted}: {each.sha256[:HASH_SHOWN]}")
