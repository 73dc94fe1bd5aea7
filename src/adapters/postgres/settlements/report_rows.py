"""Reports of settlements in rows."""

from collections.abc import Mapping
from typing import Any

from adapters.postgres.settlements.file_rows import to_declared
from domain.money import Money
from domain.reconciliation.payout import PayoutOutcome
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_report import ReportState
from domain.settlements.settlement_totals import SettlementTotals
from ports.file_store import FileHash
from ports.settlements.settlement_files import FileReport
from ports.settlements.settlement_reads import StoredSettlement


def to_totals(row: Mapping[str, Any]) -> SettlementTotals:
    """Return what the lines of the report add up to, duplicates included."""
    return SettlementTotals(
        key=row["settlement"],
        settlement_id=row["settlement_id"],
        mid=row["mid"],
        settled_on=row["settled_on"],
        utr=row["utr"],
        lines=row["lines"],
        credits=Money(row["credits_paise"]),
        debits=Money(row["debits_paise"]),
        fee=Money(row["fee_paise"]),
        cgst=Money(row["cgst_paise"]),
        sgst=Money(row["sgst_paise"]),
        igst=Money(row["igst_paise"]),
        utgst=Money(row["utgst_paise"]),
        net=Money(row["reported_net_paise"]),
    )


def from_totals(totals: SettlementTotals) -> dict[str, object]:
    """Return the columns of *totals*."""
    return {
        "settlement": totals.key,
        "settlement_id": totals.settlement_id,
        "mid": totals.mid,
        "settled_on": totals.settled_on,
        "utr": totals.utr,
        "lines": totals.lines,
        "credits_paise": totals.credits.paise,
        "debits_paise": totals.debits.paise,
        "fee_paise": totals.fee.paise,
        "cgst_paise": totals.cgst.paise,
        "sgst_paise": totals.sgst.paise,
        "igst_paise": totals.igst.paise,
        "utgst_paise": totals.utgst.paise,
        "reported_net_paise": totals.net.paise,
    }


def to_report(row: Mapping[str, Any]) -> FileReport:
    return FileReport(
        totals=to_totals(row),
        state=ReportState(row["state"]),
        reported=_reported(row),
        live_lines=row["live_lines"],
        net=Money(row["net_paise"]),
    )


def to_stored_settlement(row: Mapping[str, Any]) -> StoredSettlement:
    payout = row["payout"]
    return StoredSettlement(
        file=FileHash(row["sha256"]),
        file_lines=row["line_count"],
        declared=to_declared(row["declared"]),
        totals=to_totals(row),
        state=ReportState(row["state"]),
        reported=_reported(row),
        live_lines=row["live_lines"],
        net=Money(row["net_paise"]),
        sales_days=frozenset(row["sales_days"]),
        journal=row["journal"],
        next_journal=row["next_journal"],
        is_reversed=row["reversed_at"] is not None,
        payout=None if payout is None else PayoutOutcome(payout),
    )


def _reported(row: Mapping[str, Any]) -> ReportedAgain | None:
    reported = row["reported"]
    return None if reported is None else ReportedAgain(reported)
