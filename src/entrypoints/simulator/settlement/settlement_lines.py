"""One line of a settlement: a movement of money, with what it cost."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.fee_contract import Fees


class LineType(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    CHARGEBACK = "CHARGEBACK"
    CHARGEBACK_REVERSAL = "CHARGEBACK_REVERSAL"
    RESERVE_HOLD = "RESERVE_HOLD"
    RESERVE_RELEASE = "RESERVE_RELEASE"
    ADJUSTMENT = "ADJUSTMENT"


class Direction(StrEnum):
    """Credit to the merchant, or debit."""

    CR = "CR"
    DR = "DR"


CREDITS: Final = frozenset(
    {LineType.PAYMENT, LineType.CHARGEBACK_REVERSAL, LineType.RESERVE_RELEASE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """
    Amounts are paise; *gross* is never negative, *net* is the effect on the merchant's money.

    *source* says which capture, refund or dispute it is about. A line that is *on_hold* is told and not paid out.
    *wrong_net* is added to the net that follows from the other amounts. A *repeated* line stands in the report a
    second time, and is paid out once.
    """

    type: LineType
    direction: Direction
    source: str
    at: datetime
    gross: int
    fees: Fees = field(default_factory=Fees)
    method: Method | None = None
    order_id: str | None = None
    txn_id: str | None = None
    refund_id: str | None = None
    bank_txn_id: str | None = None
    rrn: str | None = None
    arn: str | None = None
    auth_code: str | None = None
    payer: str = ""
    card: str = ""
    on_hold: bool = False
    wrong_net: int = 0
    repeated: bool = False

    @property
    def signed(self) -> int:
        return self.gross if self.direction is Direction.CR else -self.gross

    @property
    def net(self) -> int:
        return self.signed - self.fees.total + self.wrong_net

    @property
    def paid(self) -> int:
        """What it adds to the payout."""
        return 0 if self.on_hold or self.repeated else self.net

    def costing(self, fees: Fees) -> Self:
        return replace(self, fees=fees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of one settlement in paise; *lines* counts every line, the sums leave out what is on hold."""

    lines: int
    credits: int
    debits: int
    fee: int
    tax: int
    net: int


def totals_of(lines: tuple[SettlementLine, ...]) -> Totals:
    paid = [line for line in lines if not line.on_hold]
    return Totals(
        lines=len(lines),
        credits=sum(line.gross for line in paid if line.direction is Direction.CR),
        debits=sum(line.gross for line in paid if line.direction is Direction.DR),
        fee=sum(line.fees.fee for line in paid),
        tax=sum(line.fees.tax for line in paid),
        net=sum(line.net for line in paid),
    )
