"""The sheets of an exported run: their columns, and a row's cells under them; amounts in rupees, times in IST."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from domain.business_day import IST
from domain.identifiers import PaymentId
from domain.ledger.account import CHART
from domain.money import ZERO, Money
from domain.reconciliation.both_sides import both_sides
from domain.reconciliation.taxonomy import Subject
from ports.reconciliation.book_reads import BookRecord
from ports.reconciliation.run_export import (
    ExportedCredit,
    ExportedDiscrepancy,
    ExportedExpectation,
    ExportedJournal,
    ExportedMatch,
    ExportedRow,
    ExportedSettlement,
    RunSheet,
)

Cell = str | int | Decimal | date | datetime | None
"""A ``Decimal`` is an amount, a ``datetime`` an instant in IST, ``None`` an empty cell."""

ID: Final = 26
SHORT: Final = 12
MONEY: Final = 14
DAY: Final = 12
INSTANT: Final = 21
LONG: Final = 34
HASH_SHOWN: Final = 12
"""Characters of a file's hash that tell it apart from the others; the sheet of settlements has all of it."""


@dataclass(frozen=True, slots=True)
class Column:
    """Its heading, how many characters wide it is, and whether its cells are numbers, on the right."""

    heading: str
    width: int
    is_number: bool = False


def _amount(heading: str, width: int = MONEY) -> Column:
    return Column(heading, width, is_number=True)


COLUMNS: Final[Mapping[RunSheet, Sequence[Column]]] = {
    RunSheet.SETTLEMENTS: (
        Column("Settlement", ID),
        Column("MID", SHORT),
        Column("Settled on", DAY),
        Column("UTR", ID),
        Column("Lines", 8, is_number=True),
        _amount("Credits"),
        _amount("Debits"),
        _amount("Fees"),
        _amount("GST on fees"),
        _amount("Net reported"),
        _amount("Net that counts"),
        _amount("Credited"),
        Column("State", SHORT),
        Column("Payout", SHORT),
        Column("Posted at (IST)", INSTANT),
        Column("File", LONG),
        Column("File SHA-256", LONG),
    ),
    RunSheet.MATCHED: (
        Column("Kind", 9),
        Column("Payment id", ID),
        Column("Refund id", ID),
        Column("Business date", 15),
        Column("At (IST)", INSTANT),
        Column("Method", SHORT),
        _amount("Ours"),
        _amount("Bank's gross"),
        _amount("Difference", SHORT),
        _amount("Fee", SHORT),
        _amount("GST on fee", SHORT),
        _amount("Net"),
        Column("Settlement", ID),
        Column("Settled on", DAY),
        Column("UTR", ID),
        Column("RRN", 16),
        Column("ARN", ID),
        Column("File", SHORT + 2),
        Column("Line", 8, is_number=True),
        Column("Client reference", ID),
    ),
    RunSheet.EXPECTED: (
        Column("Kind", 9),
        Column("Payment id", ID),
        Column("Refund id", ID),
        Column("Business date", 15),
        Column("At (IST)", INSTANT),
        Column("Due on", DAY),
        Column("Method", SHORT),
        _amount("Amount"),
        Column("RRN", 16),
        Column("ARN", ID),
        Column("Client reference", ID),
    ),
    RunSheet.DISCREPANCIES: (
        Column("Id", ID),
        Column("Type", 20),
        Column("Cause", 30),
        Column("Subject", SHORT),
        Column("About", ID),
        Column("Payment id", ID),
        Column("Refund id", ID),
        Column("RRN", 16),
        Column("ARN", ID),
        Column("Settlement", ID),
        Column("Settled on", DAY),
        _amount("Ours"),
        _amount("Bank's"),
        _amount("Difference"),
        Column("State", 18),
        Column("Found first (IST)", INSTANT),
        Column("Times found", 12, is_number=True),
        Column("Owner", SHORT),
        Column("Action", 18),
        Column("Decision", SHORT),
        Column("Note", LONG),
        Column("By", 18),
        Column("At (IST)", INSTANT),
        Column("Client reference", ID),
    ),
    RunSheet.BANK_CREDITS: (
        Column("Account", 20),
        Column("Booked on", DAY),
        Column("Value date", DAY),
        _amount("Amount"),
        Column("Outcome", 22),
        Column("Settlement", ID),
        _amount("Pays of it"),
        _amount("Rounding", SHORT),
        Column("Reference", ID),
        Column("Narration", 50),
    ),
    RunSheet.JOURNAL: (
        Column("Journal", 10, is_number=True),
        Column("Business date", 15),
        Column("Kind", 16),
        Column("Subject", ID),
        Column("Account", 18),
        Column("Account name", 32),
        _amount("Debit"),
        _amount("Credit"),
        Column("Payment id", ID),
        Column("Settlement", ID),
        Column("Discrepancy", ID),
        Column("Reference", ID),
        Column("Fact date", DAY),
        Column("Sequence", 10, is_number=True),
        Column("Takes back", SHORT, is_number=True),
    ),
}


def cells_of(row: ExportedRow) -> Iterator[Sequence[Cell]]:
    """Yield the cells of *row*: one line of its sheet, or one for each entry of a journal."""
    match row:
        case ExportedSettlement():
            yield _settlement(row)
        case ExportedMatch():
            yield _match(row)
        case ExportedExpectation():
            yield _expectation(row)
        case ExportedDiscrepancy():
            yield _discrepancy(row)
        case ExportedCredit():
            yield _credit(row)
        case ExportedJournal():
            yield from _journal(row)


def rupees(paise: int | None) -> Decimal | None:
    """Return *paise* as an amount with two decimals."""
    return None if paise is None else Money(paise).rupees


def local(at: datetime | None) -> datetime | None:
    """Return the instant *at* in India, to the second."""
    return None if at is None else at.astimezone(IST).replace(microsecond=0)


def _settlement(row: ExportedSettlement) -> Sequence[Cell]:
    told = row.totals
    return (
        *(told.key, told.mid, told.settled_on, told.utr, told.lines),
        *(each.rupees for each in (told.credits, told.debits, told.fee, told.tax, told.net)),
        *(row.net.rupees, row.credited.rupees, row.state.value),
        *(row.payout.value if row.payout else None, local(row.posted_at)),
        *(row.file_name, row.file),
    )


def _match(row: ExportedMatch) -> Sequence[Cell]:
    record, line = row.record, row.line.line
    return (
        *_book(record, row.day),
        record.method or line.method,
        *(row.amount.rupees, rupees(row.line.gross_paise)),
        rupees(row.line.gross_paise - row.amount.paise),
        *(line.fee.rupees, line.tax.rupees, line.net.rupees),
        *(row.line.settlement, line.settled_on, line.utr),
        *(line.rrn or record.rrn, line.arn or record.arn),
        *(row.line.file[:HASH_SHOWN], line.line_no, record.client_reference),
    )


def _expectation(row: ExportedExpectation) -> Sequence[Cell]:
    record = row.record
    told = (row.due_on, record.method, row.amount.rupees, record.rrn, record.arn)
    return (*_book(record, row.day), *told, record.client_reference)


def _book(record: BookRecord, day: date) -> Sequence[Cell]:
    refund = None if record.id == record.payment_id else record.id
    kind = "refund" if refund else "payment"
    return (kind, record.payment_id, refund, day, local(record.at))


def _discrepancy(row: ExportedDiscrepancy) -> Sequence[Cell]:
    told, decision = row.discrepancy, row.decision
    finding, line = told.finding, row.line.line if row.line else None
    sides = both_sides(finding)
    return (
        *(told.id, finding.type.value, finding.cause.value, finding.subject.value, finding.ref),
        *(_payment(row), _refund(row)),
        *(line.rrn if line else None, line.arn if line else None, finding.settlement or None),
        line.settled_on if line else None,
        *(rupees(sides.ours_paise), rupees(sides.bank_paise), rupees(finding.difference_paise)),
        *(told.state.value, local(told.first_found_at), told.times_found, told.owner.value),
        *(decision.action.value if decision else None, decision.state.value if decision else None),
        *(decision.note if decision else None, decision.decided_by if decision else None),
        local(decision.decided_at) if decision else None,
        row.client_reference,
    )


def _payment(row: ExportedDiscrepancy) -> str | None:
    finding = row.discrepancy.finding
    if finding.subject is Subject.PAYMENT:
        return finding.ref
    told: PaymentId | None = row.line.line.payment_id if row.line else None
    return row.payment or told


def _refund(row: ExportedDiscrepancy) -> str | None:
    finding = row.discrepancy.finding
    if finding.subject is Subject.REFUND:
        return finding.ref
    return row.line.line.refund_id if row.line else None


def _credit(row: ExportedCredit) -> Sequence[Cell]:
    entry, part = row.entry, row.part
    return (
        *(row.account, entry.booked_on, entry.value_on, entry.amount.rupees),
        row.outcome.value if row.outcome else None,
        part.settlement if part else None,
        *(
            rupees(part.amount_paise if part else None),
            rupees(part.rounding_paise if part else None),
        ),
        *(entry.reference, entry.narration),
    )


def _journal(row: ExportedJournal) -> Iterator[Sequence[Cell]]:
    key = row.key
    for each in row.entries:
        debit = each.amount if each.amount > ZERO else None
        yield (
            *(row.number, row.posted_on, key.kind.value, key.subject),
            *(each.account.value, CHART[each.account].title),
            *(debit.rupees if debit else None, None if debit else (-each.amount).rupees),
            *(each.payment, each.settlement, each.discrepancy, row.reference or None),
            *(row.day, key.sequence, row.reverses),
        )
