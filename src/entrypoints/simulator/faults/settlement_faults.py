"""The faults of settlement lines, settlement files and account entries, and what each must lead to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from entrypoints.simulator.settlement.settlement_lines import SettlementLine


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
    LINE_CHARGEBACK = "settle_chargeback"
    LINE_RESERVE = "settle_reserve"
    LINE_ADJUSTMENT = "settle_adjustment"
    REISSUE = "settle_reissue"
    FILE_CUT = "file_cut"
    FILE_NO_TOTALS = "file_no_totals"
    FILE_TOTALS = "file_totals"
    FILE_BOM_CRLF = "file_bom_crlf"
    FILE_EXCEL = "file_excel"
    FILE_GROUPED = "file_grouped"
    FILE_TITLES = "file_titles"
    FILE_SWAP_COLUMNS = "file_swap_columns"
    FILE_HOSTILE = "file_hostile"
    FILE_NOT_READY = "file_not_ready"
    PAGE_REPEAT = "page_repeat"
    CREDIT_SHORT = "credit_short"
    CREDIT_SPLIT = "credit_split"
    CREDIT_MISSING = "credit_missing"
    CREDIT_MERGED = "credit_merged"
    CREDIT_LATE = "credit_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """
    What a reconciliation must find; *difference* is bank less books as it touches the merchant's money, in paise.

    *settlement* is empty where no settlement tells of it, and *ref* where only the reader has a name for it.
    """

    type: str
    cause: str
    subject: str
    ref: str
    difference: int = 0
    settlement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFaultRecord:
    """
    One fault of a settlement; *outcome* says what becomes of it where no discrepancy does.

    *line* is the one of the report in which it is seen; None where a line or an entry is missing. *netted* is the
    source of a refund that this line holds within it.
    """

    kind: SettlementFault
    subject_id: str
    ordinal: str
    discrepancy: Discrepancy | None = None
    outcome: str = "discrepancy"
    line: SettlementLine | None = None
    netted: str = ""


FILE_OUTCOMES: Final = {
    SettlementFault.FILE_CUT: "held",
    SettlementFault.FILE_NO_TOTALS: "held",
    SettlementFault.FILE_TOTALS: "held",
    SettlementFault.FILE_BOM_CRLF: "nothing",
    SettlementFault.FILE_EXCEL: "nothing",
    SettlementFault.FILE_GROUPED: "nothing",
    SettlementFault.FILE_TITLES: "nothing",
    SettlementFault.FILE_SWAP_COLUMNS: "nothing",
    SettlementFault.FILE_HOSTILE: "nothing",
    SettlementFault.FILE_NOT_READY: "incomplete",
    SettlementFault.PAGE_REPEAT: "incomplete",
}
"""
What becomes of a day's reports; those that lead to nothing are faults of CSV only. Without totals a report is held in
JSON, where they always stand; in CSV the bank's reports do without.
"""
