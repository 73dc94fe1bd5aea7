"""Both sides of a discrepancy for staff: what our books say of it, and what the bank says, with the evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from domain.identifiers import PaymentId, RefundId, is_payment_id, is_refund_id
from domain.money import Money
from domain.payments.payment_state import State
from domain.reconciliation.both_sides import both_sides
from domain.reconciliation.finding import Finding
from domain.settlements.settlement_line import Direction
from entrypoints.http.console.discrepancy_words import (
    AMOUNTS_IN_EVIDENCE,
    EVIDENCE_WORDS,
    OUR_EVIDENCE,
)
from entrypoints.http.console.places import SETTLEMENT_FILES
from entrypoints.http.console.words import PAYMENT_WORDS, REFUND_WORDS, amount_of, plain_words
from entrypoints.http.page import in_india, on_day
from ports.reconciliation.book_reads import BookReads, BookRecord
from ports.settlements.settlement_reads import SettlementReads, StoredLine

DIRECTIONS: Final = {Direction.CR: "to us", Direction.DR: "from us"}
HASH_CHARS: Final = 64
HASH_SHOWN: Final = 12
AMOUNT_OF_SIDE: Final = frozenset({"ours", "bank"})
SHOWN_MAX: Final = 10
"""So many records and lines are read for a page; a discrepancy about more names the rest in its export."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a side; *address* leads to the payment that it names."""

    name: str
    value: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Some facts that belong together, under a *title*."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two says; *amount* is empty where no amounts were compared."""

    amount: str
    told: Sequence[Fact] = ()
    evidence: Sequence[Evidence] = ()
    left_out: int = 0
    """How many records or lines more it is about."""


@dataclass(frozen=True, slots=True)
class TwoSides:
    """Our side, and that of the bank."""

    ours: Side
    bank: Side
    payments: Sequence[PaymentId] = field(default_factory=list)
    """The payments that our records are of."""

    @classmethod
    async def of(cls, finding: Finding, line_reads: SettlementReads, books: BookReads) -> Self:
        """Return both sides of *finding*, with the records and lines that it names: two reads at most."""
        payments, refunds = named_records(finding)
        places = finding.lines[:SHOWN_MAX]
        records = await books.named(payments, refunds) if payments or refunds else ()
        lines = await line_reads.lines_at(places) if places else ()
        amounts = both_sides(finding)
        # The amount of each side stands above its evidence.
        told = {name: value for name, value in finding.evidence if name not in AMOUNT_OF_SIDE}
        return cls(
            ours=Side(
                amount_of(amounts.ours_paise),
                _facts({name: value for name, value in told.items() if name in OUR_EVIDENCE}),
                [_record(each) for each in records[:SHOWN_MAX]],
                max(0, len(records) - SHOWN_MAX),
            ),
            bank=Side(
                amount_of(amounts.bank_paise),
                [
                    *_facts(
                        {name: said for name, said in told.items() if name not in OUR_EVIDENCE}
                    ),
                    *_rejected(finding),
                ],
                [_line(each) for each in lines],
                len(finding.lines) - len(places),
            ),
            payments=sorted({each.payment_id for each in records}),
        )


def named_records(finding: Finding) -> tuple[Sequence[PaymentId], Sequence[RefundId]]:
    """Return the payments and refunds that *finding* names, a few of each."""
    named = (finding.ref, *finding.entries, *(value for _, value in finding.evidence))
    payments = sorted({PaymentId(each) for each in named if is_payment_id(each)})
    refunds = sorted({RefundId(each) for each in named if is_refund_id(each)})
    return payments[:SHOWN_MAX], refunds[:SHOWN_MAX]


def _record(record: BookRecord) -> Evidence:
    is_payment = record.id == record.payment_id
    state = record.state
    word = PAYMENT_WORDS[state] if isinstance(state, State) else REFUND_WORDS[state]
    owed = "settled" if record.settled_by else "not settled yet" if record.expected else "nothing"
    told = [
        Fact("Id", record.id, f"/console/payments/{record.payment_id}"),
        Fact("State", word),
        Fact("Amount", str(record.amount)),
        Fact("Since", in_india(record.at)),
        Fact("Paid by", record.method or ""),
        Fact("RRN", record.rrn or ""),
        Fact("ARN", record.arn or ""),
        Fact("Owed by the bank", owed),
    ]
    title = "Payment" if is_payment else "Refund"
    return Evidence(title, [each for each in told if each.value])


def _line(stored: StoredLine) -> Evidence:
    line = stored.reported.line
    told = [
        *_file(stored.reported.file),
        Fact("Kind", f"{plain_words(line.line_type)}, {DIRECTIONS[line.direction]}"),
        Fact("Counts as", plain_words(stored.state)),
        Fact("Payment", line.payment_id or "", _address(line.payment_id or "")),
        Fact("Refund", line.refund_id or ""),
        Fact("The bank's id", line.bank_txn_id or ""),
        Fact("RRN", line.rrn or ""),
        Fact("ARN", line.arn or ""),
        Fact("Gross", str(line.gross)),
        Fact("Fee and tax", f"{line.fee} and {line.tax}"),
        Fact("Net", str(line.net)),
        Fact("Settled on", on_day(line.settled_on)),
        Fact("The file's word", line.status_word or ""),
    ]
    return Evidence(f"Line {line.line_no}", [each for each in told if each.value])


def _rejected(finding: Finding) -> Sequence[Fact]:
    """Return which rows could not be read; what such rows are found in is a file."""
    if not finding.rejected_lines:
        return ()
    rows = ", ".join(str(each) for each in finding.rejected_lines[:SHOWN_MAX])
    return (Fact("Rows that cannot be read", rows), *_file(finding.settlement))


def _file(name: str) -> Sequence[Fact]:
    """Return the file of that hash with its address, nothing for what is the id of a settlement."""
    if len(name) != HASH_CHARS:
        return ()
    return (Fact("File", name[:HASH_SHOWN], f"{SETTLEMENT_FILES}/{name}"),)


def _facts(told: Mapping[str, str]) -> Sequence[Fact]:
    return [
        Fact(EVIDENCE_WORDS.get(name, plain_words(name)), _value(name, value), _address(value))
        for name, value in told.items()
    ]


def _value(name: str, value: str) -> str:
    if name in AMOUNTS_IN_EVIDENCE or name == "read":
        digits = value.removeprefix("-")
        return str(Money(int(value))) if digits.isascii() and digits.isdecimal() else value
    return value


def _address(value: str) -> str:
    return f"/console/payments/{value}" if is_payment_id(value) else ""
