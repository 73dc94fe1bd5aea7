"""What a reader of the reports knows at the end of a day: which were whole, which were held, and their lines."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from entrypoints.simulator.faults.settlement_faults import SettlementFault
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.file_faults import lines_before_cut
from entrypoints.simulator.settlement.reports import ReportFormat
from entrypoints.simulator.settlement.settlement import Settlement
from entrypoints.simulator.settlement.settlement_lines import LineType, SettlementLine
from entrypoints.simulator.settlement.settlements import SettlementBook

Kind = SettlementFault
ORDINARY: Final = frozenset({LineType.PAYMENT, LineType.REFUND})
"""Lines that the bank's CSV reports have a word for; of others no reader knows what they are."""


class ReportState(IntEnum):
    UNREADABLE = 0
    HELD = 1
    WHOLE = 2


@dataclass(slots=True)
class ToldReport:
    """The best report of one day and method that was there by then; *wrong_totals* are settlements."""

    state: ReportState
    lines: list[tuple[Settlement, SettlementLine]] = field(default_factory=list)
    unreadable_rows: int = 0
    wrong_totals: list[Settlement] = field(default_factory=list)


def told_reports(
    book: SettlementBook, first: date, last: date, form: ReportFormat
) -> dict[tuple[date, Method], ToldReport]:
    """Return what was told from *first* to *last*, at the end of *last*, by day and method."""
    told = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for method in Method:
            told[day, method] = _best(book, day, method, last, form)
    return told


def _best(
    book: SettlementBook, day: date, method: Method, last: date, form: ReportFormat
) -> ToldReport:
    """Return the latest whole report, else the latest that was held, else an unreadable one."""
    settlements = book.of(day)
    mine = [each for each in settlements if each.method is method]
    concerned = settlements if form is ReportFormat.JSON else mine
    if not concerned:
        return ToldReport(ReportState.WHOLE)
    if form is ReportFormat.CSV and method is Method.NB:
        return ToldReport(ReportState.UNREADABLE)
    best = ToldReport(ReportState.UNREADABLE)
    seen = set()
    for number in range((last - day).days + 1):
        evening = day + timedelta(days=number)
        version = max(each.version_on(evening) for each in settlements)
        if not version or version in seen:
            continue
        seen.add(version)
        report = _read(book, day, mine, evening, version, form)
        if report.state is not ReportState.UNREADABLE and report.state >= best.state:
            best = report
    return best


def _read(  # noqa: PLR0917 - which report it is
    book: SettlementBook,
    day: date,
    mine: list[Settlement],
    evening: date,
    version: int,
    form: ReportFormat,
) -> ToldReport:
    faults = book.file_faults(day, version)
    lines = [
        (each, line)
        for each in mine
        if (number := each.version_on(evening))
        for line in each.issues[number - 1].lines
    ]
    if Kind.PAGE_REPEAT in faults:
        return ToldReport(ReportState.UNREADABLE)
    if form is ReportFormat.JSON:
        if Kind.FILE_CUT in faults:
            return ToldReport(ReportState.UNREADABLE)
        held = bool(faults & {Kind.FILE_TOTALS, Kind.FILE_NO_TOTALS})
        wrong = mine if held and Kind.FILE_NO_TOTALS not in faults else []
        return ToldReport(
            ReportState.HELD if held else ReportState.WHOLE, lines, wrong_totals=wrong
        )
    unreadable = 0
    cut = Kind.FILE_CUT in faults
    if cut:
        if not lines:
            return ToldReport(ReportState.UNREADABLE)
        lines, unreadable = lines[: lines_before_cut(len(lines))], 1
    strange = [each for each in lines if each[1].type not in ORDINARY]
    unreadable += len(strange)
    # With rows that nobody can read, nobody can say whether the totals are right.
    wrong = mine[:1] if Kind.FILE_TOTALS in faults and not unreadable else []
    return ToldReport(
        ReportState.HELD if unreadable or wrong else ReportState.WHOLE,
        [each for each in lines if each not in strange],
        unreadable,
        wrong,
    )
