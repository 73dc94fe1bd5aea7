"""What a settlement adds up to in one file, and what the file itself declares."""

from dataclasses import dataclass
from datetime import date

from domain.money import Money
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.settlement_line import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTotals:
    """The totals that a file states, of one settlement or without an id of the whole file; None is not stated."""

    settlement_id: str | None = None
    utr: str | None = None
    lines: int | None = None
    credits: Money | None = None
    debits: Money | None = None
    fee: Money | None = None
    tax: Money | None = None
    net: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTotals:
    """
    One settlement as a file reports it: every line that could be read, duplicates included.

    What the bank keeps back is counted as a line, and is in none of the sums: it is not paid out.
    """

    key: str
    settlement_id: str | None
    mid: str
    settled_on: date
    utr: str | None
    lines: int
    credits: Money
    debits: Money
    fee: Money
    cgst: Money
    sgst: Money
    igst: Money
    utgst: Money
    net: Money

    @property
    def tax(self) -> Money:
        """The taxes on the fees, all heads together."""
        return self.cgst + self.sgst + self.igst + self.utgst

    def agrees_with(self, declared: DeclaredTotals) -> bool:
        """Whether every figure that *declared* states is the one that the lines add up to."""
        return _agree(
            declared,
            (self.lines, self.credits, self.debits, self.fee, self.tax, self.net),
        )


@dataclass(slots=True)
class RunningTotals:
    """Adds up one settlement line by line, in paise."""

    first: KeyedLine
    lines: int = 0
    credits_paise: int = 0
    debits_paise: int = 0
    fee_paise: int = 0
    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    utgst_paise: int = 0
    net_paise: int = 0

    def add(self, line: KeyedLine) -> None:
        self.lines += 1
        if line.on_hold:
            return
        if line.direction == Direction.CR:
            self.credits_paise += line.gross_paise
        else:
            self.debits_paise += line.gross_paise
        self.fee_paise += line.fee_paise
        self.cgst_paise += line.cgst_paise
        self.sgst_paise += line.sgst_paise
        self.igst_paise += line.igst_paise
        self.utgst_paise += line.utgst_paise
        self.net_paise += line.net_paise

    def totals(self) -> SettlementTotals:
        first = self.first
        return SettlementTotals(
            key=first.settlement,
            settlement_id=first.settlement_id,
            mid=first.mid,
            settled_on=first.settled_on,
            utr=first.utr,
            lines=self.lines,
            credits=Money(self.credits_paise),
            debits=Money(self.debits_paise),
            fee=Money(self.fee_paise),
            cgst=Money(self.cgst_paise),
            sgst=Money(self.sgst_paise),
            igst=Money(self.igst_paise),
            utgst=Money(self.utgst_paise),
            net=Money(self.net_paise),
        )


def file_agrees_with(declared: DeclaredTotals, settlements: list[SettlementTotals]) -> bool:
    """Whether what *declared* states of a whole file is the sum of its *settlements*."""
    return _agree(
        declared,
        (
            sum(each.lines for each in settlements),
            Money(sum(each.credits.paise for each in settlements)),
            Money(sum(each.debits.paise for each in settlements)),
            Money(sum(each.fee.paise for each in settlements)),
            Money(sum(each.tax.paise for each in settlements)),
            Money(sum(each.net.paise for each in settlements)),
        ),
    )


def _agree(declared: DeclaredTotals, counted: tuple[int | Money, ...]) -> bool:
    stated = (
        declared.lines,
        declared.credits,
        declared.debits,
        declared.fee,
        declared.tax,
        declared.net,
    )
    return all(told is None or told == found for told, found in zip(stated, counted, strict=True))
