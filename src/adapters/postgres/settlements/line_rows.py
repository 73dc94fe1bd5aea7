"""Settlement lines in rows: what is copied in, and what is read out."""

from collections.abc import Mapping
from typing import Any, Final

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.reconciliation.reported import ReportedLine
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.reissue import DuplicateCause
from domain.settlements.settlement_line import Direction, LineState, LineType, SettlementLine
from ports.settlements.settlement_reads import StoredLine

TOLD: Final = (
    "line_type", "direction", "mid", "tid", "payment_id", "attempt", "refund_id", "bank_txn_id", "rrn",
    "arn", "auth_code", "utr", "settlement_id", "method", "gross_paise", "fee_paise", "cgst_paise",
    "sgst_paise", "igst_paise", "utgst_paise", "net_paise", "txn_at", "settled_on", "status_word", "on_hold",
    "occurrence", "warnings",
)  # fmt: skip
"""What the bank says in a line."""

COPIED: Final = KeyedLine._fields
"""The columns in which lines are copied in: they are named as its values are."""

READ: Final = ("line_no", *TOLD)
AMOUNTS: Final = (
    "direction", "gross_paise", "fee_paise", "cgst_paise", "sgst_paise", "igst_paise", "utgst_paise",
    "net_paise",
)  # fmt: skip


def to_line(row: Mapping[str, Any]) -> SettlementLine:
    """Return the line of a row with the columns ``READ``."""
    payment, refund = row["payment_id"], row["refund_id"]
    return SettlementLine(
        line_no=row["line_no"],
        line_type=LineType(row["line_type"]),
        direction=Direction(row["direction"]),
        mid=row["mid"],
        tid=row["tid"],
        payment_id=None if payment is None else PaymentId(payment),
        attempt=row["attempt"],
        refund_id=None if refund is None else RefundId(refund),
        bank_txn_id=row["bank_txn_id"],
        rrn=row["rrn"],
        arn=row["arn"],
        auth_code=row["auth_code"],
        utr=row["utr"],
        settlement_id=row["settlement_id"],
        method=row["method"],
        gross=Money(row["gross_paise"]),
        fee=Money(row["fee_paise"]),
        cgst=Money(row["cgst_paise"]),
        sgst=Money(row["sgst_paise"]),
        igst=Money(row["igst_paise"]),
        utgst=Money(row["utgst_paise"]),
        net=Money(row["net_paise"]),
        txn_at=row["txn_at"],
        settled_on=row["settled_on"],
        status_word=row["status_word"],
        on_hold=row["on_hold"],
        occurrence=row["occurrence"],
    )


def to_stored_line(row: Mapping[str, Any]) -> StoredLine:
    """Return a row with the columns ``READ``, and the hash of its file, as it is kept."""
    cause = row["cause"]
    return StoredLine(
        reported=ReportedLine(file=row["sha256"], line=to_line(row)),
        state=LineState(row["state"]),
        cause=None if cause is None else DuplicateCause(cause),
    )
