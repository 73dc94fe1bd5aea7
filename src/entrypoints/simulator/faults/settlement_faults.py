"""The faults of settlement lines and account entries, and what each must lead to."""

from dataclasses import dataclass
from enum import StrEnum


class SettlementFault(StrEnum):
    LINE_DROP = "settle_drop"
    LINE_LATE = "settle_late"
    LINE_HOLD = "settle_hold"
    LINE_AMOUNT = "settle_amount"
    LINE_FEE = "settle_fee"
    LINE_TAX = "settle_tax"
    LINE_NET = "settle_net"
    LINE_DUPLICATE = "settle_duplicate"
    LINE_ORPHAN = "settle_orphan"
    LINE_UNSOLD = "settle_unsold"
    LINE_REFUND_NETTED = "settle_refund_netted"
    LINE_REFUND_DROP = "settle_refund_drop"
    LINE_RESERVE = "settle_reserve"
    LINE_ADJUSTMENT = "settle_adjustment"
    CREDIT_SHORT = "credit_short"
    CREDIT_SPLIT = "credit_split"
    CREDIT_MISSING = "credit_missing"
    CREDIT_LATE = "credit_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """What a fault must lead to; *difference* is bank less books, in paise."""

    type: str
    cause: str
    subject: str
    ref: str
    difference: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFaultRecord:
    """One fault of a settlement; *outcome* says what becomes of it where no discrepancy does."""

    kind: SettlementFault
    subject_id: str
    ordinal: str
    discrepancy: Discrepancy | None = None
    outcome: str = "discrepancy"
