"""Books, lines and rules of the sample files, from what is written beside each of them."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.fee_contract import (
    CARD_EXEMPT_UP_TO_PAISE,
    FeeContract,
    FeeRate,
)
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.reported import ReportedLine, UnreadableRow
from domain.reconciliation.settlement_terms import SettlementTerm, SettlementTerms
from domain.settlements.settlement_line import Direction, LineType, SettlementLine

FOLDER: Final = Path(__file__).parents[3] / "samples" / "settlement"
AMOUNTS: Final = frozenset({"gross", "fee", "cgst", "sgst", "igst", "utgst", "net"})
NAMES: Final = [path.name.removesuffix(".expected.json") for path in sorted(FOLDER.glob("*.json"))]


def expected_of(name: str) -> dict[str, Any]:
    """Return what is written beside the sample *name*."""
    text = (FOLDER / f"{name}.expected.json").read_text(encoding="utf-8")
    told: dict[str, Any] = json.loads(text)
    return told


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def line_from(told: Mapping[str, Any]) -> SettlementLine:
    """Return the line that the sample's expected file describes."""
    values: dict[str, Any] = {
        each.name: told[each.name]
        for each in fields(SettlementLine)
        if each.name in told and each.name not in {"line_type", "direction", "txn_at", "settled_on"}
    }
    values |= {name: Money(told[f"{name}_paise"]) for name in AMOUNTS}
    return SettlementLine(
        **values,
        line_type=LineType(told["line_type"]),
        direction=Direction(told["direction"]),
        txn_at=instant(told["txn_at"]),
        settled_on=date.fromisoformat(told["settled_on"]),
    )


def entry_from(told: Mapping[str, Any]) -> BookEntry:
    """Return what our books say, by the sample."""
    is_refund = told["kind"] == "refund"
    return BookEntry(
        id=told["id"],
        payment_id=PaymentId(told["payment_id"] if is_refund else told["id"]),
        amount_paise=told["amount_paise"],
        at=instant(told["at"]),
        state=RefundState(told["state"]) if is_refund else State(told["state"]),
        due_on=date.fromisoformat(told["due_on"]),
        mid=told["mid"],
        method=told["method"],
        settled_earlier=told.get("settled_earlier", False),
    )


def agreement_of(told: Mapping[str, Any]) -> Agreement:
    """Return calendar, term and fees of the sample."""
    holidays = frozenset(date.fromisoformat(day) for day in told["holidays"])
    term = SettlementTerm(working_days=told["settles_after_working_days"])
    rates = told["fee_contract_hundredths_of_percent"].items()
    return Agreement(
        terms=SettlementTerms(
            calendar=BankCalendar(version="sample", holidays=holidays), terms={(None, None): term}
        ),
        fees=FeeContract(
            [
                FeeRate(method=method, rate=rate, exempt_up_to_paise=CARD_EXEMPT_UP_TO_PAISE)
                for method, rate in rates
            ]
        ),
    )


def evidence_of(name: str) -> Evidence:
    """Return all that a run over the sample knows."""
    told = expected_of(name)
    file, parse, compare = told["sha256"], told["parse"], told["reconcile"]
    lines = [ReportedLine(file=file, line=line_from(each)) for each in parse["lines"]]
    complete: dict[str, date] = {}
    if compare["file_is_complete"]:
        for line in sorted(lines, key=lambda each: each.line.settled_on):
            complete[line.line.mid] = line.line.settled_on
    return Evidence(
        as_of=instant(compare["as_of"]),
        books=[entry_from(each) for each in compare["books"]],
        lines=lines,
        rejected=[
            UnreadableRow(file=file, line_no=each["line_no"], reason=each["reason"])
            for each in parse["rejected"]
        ],
        complete_until=complete,
    )


def as_written(outcome: Outcome) -> dict[str, Any]:
    """Return *outcome* in the words of the expected files."""
    totals = outcome.totals
    return {
        "late": [
            {
                "id": match.entry.id,
                "due_on": match.entry.due_on.isoformat(),
                "settled_on": match.line.line.settled_on.isoformat(),
            }
            for match in outcome.late
        ],
        "matched": len(outcome.matches),
        "matched_paise": outcome.matched_paise,
        "expected": len(outcome.expected),
        "expected_paise": outcome.expected_paise,
        "discrepancies": [
            {
                "type": finding.type,
                "cause": finding.cause,
                "subject": finding.subject,
                "ref": finding.ref,
                "difference_paise": finding.difference_paise,
                "action": finding.action,
                "lines": [ref.line_no for ref in finding.lines] + list(finding.rejected_lines),
            }
            for finding in outcome.findings
        ],
        "totals": {
            "payments_received_paise": totals.payments_received_paise,
            "refunds_processed_paise": totals.refunds_processed_paise,
            "fee_paise": totals.fee_paise,
            "tax_paise": totals.tax_paise,
            "net_settlement_paise": totals.net_settlement_paise,
        },
    }
