"""What the bank reports: the lines of settlement files with where they stand, and what could not be read."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from domain.reconciliation.fee_contract import TaxHeads
from domain.settlements.line_key import EventKey, event_key, line_key
from domain.settlements.settlement_line import LineType, SettlementLine

Event = EventKey | tuple[str, int]
Amounts = tuple[int | TaxHeads, ...]


class LineRef(NamedTuple):
    """Where a line stands: the hash of its file and its number there."""

    file: str
    line_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedLine:
    """
    A line that is not superseded, with the *file* (SHA-256 of its bytes) that holds it.

    *is_released* says that a person has released it: though an equal line stands before it, it is real.
    """

    file: str
    line: SettlementLine
    is_released: bool = False

    @property
    def ref(self) -> LineRef:
        """Where the line stands."""
        return LineRef(self.file, self.line.line_no)

    @property
    def order(self) -> tuple[date, str, int]:
        """The canonical order: settlement day, file, line."""
        return (self.line.settled_on, self.file, self.line.line_no)

    @property
    def settlement(self) -> str:
        """The settlement that the line belongs to: the bank's id, or MID and day."""
        return self.line.settlement_key

    @property
    def gross_paise(self) -> int:
        """The gross amount as it touches our money: signed."""
        return self.line.direction.sign * self.line.gross.paise

    @property
    def net_difference_paise(self) -> int:
        """By how much the bank's net amount is not what follows from its other amounts."""
        return self.line.net.paise - self.line.expected_net.paise

    @property
    def heads(self) -> TaxHeads:
        """GST on the fee as the bank splits it."""
        line = self.line
        return TaxHeads(
            cgst_paise=line.cgst.paise,
            sgst_paise=line.sgst.paise,
            igst_paise=line.igst.paise,
            utgst_paise=line.utgst.paise,
        )

    @property
    def event(self) -> Event:
        """
        What happened at the bank, whichever file tells of it: two lines of one event are one movement.

        Where no id names it, the content and its count within the file stand for it: equal rows of
        one file may both be real, and come again when the file does. A payment has many refunds, so
        that its id alone names none of them. A line that was released is an event of its own as well.
        """
        key = event_key(self.line)
        is_one_of_many = self.line.line_type is not LineType.PAYMENT
        if self.is_released or (key.movement is None and (key.subject is None or is_one_of_many)):
            return (line_key(self.line), self.line.occurrence)
        return key

    @property
    def amounts(self) -> Amounts:
        """All amounts of the line; two reports of one event have to agree on each."""
        return (self.gross_paise, self.line.fee.paise, self.heads, self.line.net.paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRow:
    """A row of *file* that could not be read, and why; its file is held."""

    file: str
    line_no: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTotal:
    """What a file itself says of its sums, for one settlement or (``None``) for all of it."""

    file: str
    settlement: str | None
    net_paise: int
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRead:
    """
    What an order-status read told, as evidence; the books are changed by the use case of the read alone.

    *effective_paise* is what the payer really paid after an offer or with a surcharge.
    """

    is_charged: bool
    is_auto_refunded: bool = False
    is_held: bool = False
    charged_paise: int | None = None
    effective_paise: int | None = None
