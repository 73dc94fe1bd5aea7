"""One line of a settlement file in the form that all files are read into, whatever the bank's layout."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

from domain.identifiers import PaymentId, RefundId
from domain.money import ZERO, Money

RRN_DIGITS: Final = 12
"""The length of a retrieval reference number (ISO 8583, field 37), as NPCI fills it with digits."""


class LineType(StrEnum):
    """What a line of a settlement file is about. A type that is not here is refused, never taken for a payment."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    TDS = "tds"
    RESERVE_HOLD = "reserve_hold"
    RESERVE_RELEASE = "reserve_release"

    @property
    def is_payout_level(self) -> bool:
        """Whether the line belongs to the payout alone and not to one order."""
        return self in {
            LineType.FEE,
            LineType.ADJUSTMENT,
            LineType.TDS,
            LineType.RESERVE_HOLD,
            LineType.RESERVE_RELEASE,
        }


class Direction(StrEnum):
    """Which way the gross amount moves, seen from the merchant."""

    CR = "CR"
    """To the merchant."""

    DR = "DR"
    """From the merchant."""

    @property
    def sign(self) -> int:
        return 1 if self is Direction.CR else -1


class LineState(StrEnum):
    """What a stored line counts for."""

    LIVE = "live"
    DUPLICATE = "duplicate"
    """Said before, in the same file or in another one: its amount is not counted again."""

    HELD = "held"
    """Its file is held: the line can be read and matched, and nothing is posted for it."""

    SUPERSEDED = "superseded"
    """A re-issue of its settlement was taken instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """
    One movement as the bank reported it; amounts in paise inside ``Money``.

    Ids are text with their zeros, or None. ``txn_at`` is UTC, ``settled_on`` the day of the payout
    in India. ``occurrence`` counts the lines of one file that are equal in every field of their key, from 1.
    """

    line_no: int
    """The physical line at which the row begins, header counted; in JSON the place of the line, from 1."""

    line_type: LineType
    direction: Direction
    mid: str
    tid: str | None = None
    payment_id: PaymentId | None = None
    attempt: int | None = None
    refund_id: RefundId | None = None
    bank_txn_id: str | None = None
    rrn: str | None = None
    arn: str | None = None
    auth_code: str | None = None
    utr: str | None = None
    settlement_id: str | None = None
    method: str | None = None
    gross: Money
    """The magnitude; ``direction`` says which way it moves."""

    fee: Money = ZERO
    """Without taxes; negative when the bank gives a fee back. The taxes likewise."""

    cgst: Money = ZERO
    sgst: Money = ZERO
    igst: Money = ZERO
    utgst: Money = ZERO
    net: Money
    """The signed effect on the merchant's money, as told."""

    txn_at: datetime | None
    """When the payer paid or was paid, UTC; None where a payout-level line has no such instant."""

    settled_on: date
    status_word: str | None = None
    """The file's own word for its state."""

    on_hold: bool = False
    """Whether that word says that the bank keeps the amount back for now."""

    occurrence: int = 1

    def __post_init__(self) -> None:
        if self.gross.paise < 0:
            raise ValueError("the gross amount of a line is a magnitude")
        if self.txn_at is not None and self.txn_at.tzinfo is not UTC:
            raise ValueError("the instant of a line is in UTC")
        if self.line_no < 1 or self.occurrence < 1:
            raise ValueError("lines and occurrences are counted from 1")

    @property
    def tax(self) -> Money:
        """The taxes on the fee, all heads together."""
        return Money(self.cgst.paise + self.sgst.paise + self.igst.paise + self.utgst.paise)

    @property
    def expected_net(self) -> Money:
        """What the net has to be: the signed gross amount, less the fee, less the taxes."""
        return Money(self._expected_net_paise)

    @property
    def net_follows(self) -> bool:
        """Whether the net that the bank told is the one that its other amounts lead to."""
        return self.net.paise == self._expected_net_paise

    @property
    def _expected_net_paise(self) -> int:
        gross = self.gross.paise if self.direction is Direction.CR else -self.gross.paise
        taxes = self.cgst.paise + self.sgst.paise + self.igst.paise + self.utgst.paise
        return gross - self.fee.paise - taxes

    @property
    def settlement_key(self) -> str:
        """The settlement's id, or where the file has none its MID and day: ``SIM0001/2026-11-13``."""
        return self.settlement_id or f"{self.mid}/{self.settled_on.isoformat()}"
