"""
What a reconciliation must have found at the end of a day: exactly these discrepancies, no more and no less.

It has read every report and the whole statement up to that day, waits for no file longer than its due day and for a
credit one working day longer, and counts a day as complete when all reports up to it were whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from entrypoints.simulator.faults.settlement_faults import Discrepancy, SettlementFault
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.due_lines import due_lines
from entrypoints.simulator.settlement.expected_credits import credit_discrepancies
from entrypoints.simulator.settlement.reports import ReportFormat
from entrypoints.simulator.settlement.settlement import Settlement
from entrypoints.simulator.settlement.settlement_lines import LineType, SettlementLine
from entrypoints.simulator.settlement.settlements import SettlementBook
from entrypoints.simulator.settlement.told_days import ReportState, ToldReport, told_reports

Told = dict[tuple[date, Method], ToldReport]
WRONG_TOTAL: Final = 1_00
DISPUTES: Final = {
    LineType.CHARGEBACK: "chargeback",
    LineType.CHARGEBACK_REVERSAL: "chargeback_won_unrecorded",
}


@dataclass(frozen=True, slots=True)
class ToFind:
    """A discrepancy that has to be found; one that *heals* is gone once the order's status was read."""

    discrepancy: Discrepancy
    heals: bool = False


def to_find(
    book: SettlementBook, last: date, form: ReportFormat = ReportFormat.JSON
) -> list[ToFind]:
    """Return what a reconciliation must have found at the end of *last* in reports of *form*."""
    first = min((each.settled_on for each in book.settlements), default=last)
    told = told_reports(book, first, last, form)
    found = [
        *_in_lines(told, form),
        *(ToFind(each) for each in _released(told, form)),
        *(ToFind(each) for each in _in_files(told, form)),
        *(ToFind(each) for each in _missing(book, told, last)),
        *(ToFind(each) for each in credit_discrepancies(book, told, last, form)),
    ]
    return _merged(found)


def name_of(settlement: Settlement, form: ReportFormat) -> str:
    """Return the settlement as a report of *form* names it: by its id, or by MID and day."""
    if form is ReportFormat.JSON:
        return settlement.id
    return f"{settlement.mid}/{settlement.settled_on.isoformat()}"


def _in_lines(told: Told, form: ReportFormat) -> Iterator[ToFind]:
    for report in told.values():
        for settlement in _settlements(report.lines):
            name = name_of(settlement, form)
            lines = [line for each, line in report.lines if each is settlement]
            for fault in settlement.faults:
                if fault.discrepancy and fault.line in lines and not _is_dispute(fault.line):
                    what = replace(fault.discrepancy, settlement=name)
                    yield ToFind(what, heals=fault.outcome == "heals")
            for line in lines:
                if line.type in DISPUTES:
                    yield ToFind(_dispute(line, name))


def _released(told: Told, form: ReportFormat) -> Iterator[Discrepancy]:
    """Yield the releases of a reserve of which no report has told that it was held back."""
    held = dict.fromkeys(Method, 0)
    for (_, method), report in sorted(told.items()):
        for settlement, line in report.lines:
            if line.type is LineType.RESERVE_HOLD:
                held[method] += line.gross
            elif line.type is LineType.RESERVE_RELEASE and held[method] >= line.gross:
                held[method] -= line.gross
            elif line.type is LineType.RESERVE_RELEASE:
                yield Discrepancy(
                    type="missing_in_system",
                    cause="adjustment",
                    subject="line",
                    ref=line.bank_txn_id or "",
                    difference=line.gross,
                    settlement=name_of(settlement, form),
                )


def _settlements(lines: Iterable[tuple[Settlement, SettlementLine]]) -> list[Settlement]:
    return list({each.id: each for each, _ in lines}.values())


def _is_dispute(line: SettlementLine) -> bool:
    return line.type in DISPUTES


def _dispute(line: SettlementLine, settlement: str) -> Discrepancy:
    return Discrepancy(
        type="status_mismatch",
        cause=DISPUTES[line.type],
        subject="payment",
        ref=line.order_id or "",
        difference=line.signed,
        settlement=settlement,
    )


def _in_files(told: Told, form: ReportFormat) -> Iterator[Discrepancy]:
    """Yield what is wrong with files as a whole; only their reader has names for them and for their rows."""
    for report in told.values():
        for _ in range(report.unreadable_rows):
            yield Discrepancy(
                type="missing_in_system", cause="unreadable_line", subject="line", ref=""
            )
        for settlement in report.wrong_totals:
            name = settlement.id if form is ReportFormat.JSON else ""
            yield Discrepancy(
                type="amount_mismatch",
                cause="settlement_total_differs",
                subject="settlement",
                ref=name,
                difference=WRONG_TOTAL,
                settlement=name,
            )


def _missing(book: SettlementBook, told: Told, last: date) -> Iterator[Discrepancy]:
    """Yield each capture and refund that was due, and that the reports up to its day, all whole, do not tell."""
    lines = [line for report in told.values() for _, line in report.lines]
    sources = {line.source for line in lines}
    sources |= {
        fault.netted for each in book.settlements for fault in each.faults if fault.line in lines
    }
    complete = {method: _complete_until(told, method) for method in Method}
    for due in due_lines(book.orders, book.terms):
        line, until = due.line, complete[due.method]
        if line.type not in {LineType.PAYMENT, LineType.REFUND} or line.source in sources:
            continue
        if due.due_on > last or until is None or due.due_on > until:
            continue
        unsold = book.schedule.draws(SettlementFault.LINE_UNSOLD, line.order_id or "", "payment")
        if line.type is LineType.PAYMENT and unsold:
            continue
        refund = line.refund_id
        yield Discrepancy(
            type="missing_in_gateway",
            cause="refund_not_netted" if refund else "not_settled_when_due",
            subject="refund" if refund else "payment",
            ref=refund or line.order_id or "",
            difference=-line.signed,
        )


def _complete_until(told: Told, method: Method) -> date | None:
    """Return the last day up to which every report was whole."""
    until = None
    for (day, of), report in told.items():
        if of is method:
            if report.state is not ReportState.WHOLE:
                return until
            until = day
    return until


def _merged(found: Iterable[ToFind]) -> list[ToFind]:
    """Put what has one identity together: two refunds in one row, or two disputes of one order."""
    merged: dict[tuple[str, ...], ToFind] = {}
    for number, each in enumerate(found):
        what = each.discrepancy
        name = (what.type, what.cause, what.subject, what.ref, what.settlement)
        key = name if what.ref and what.subject != "bank_credit" else (*name, str(number))
        known = merged.get(key)
        if known is not None:
            total = known.discrepancy.difference + what.difference
            each = ToFind(replace(what, difference=total), heals=each.heals)  # noqa: PLW2901
        merged[key] = each
    return list(merged.values())
