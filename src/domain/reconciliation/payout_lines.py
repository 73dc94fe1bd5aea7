"""Lines that belong to the payout or to a dispute: fees, reserve, tax withheld, adjustments, chargebacks."""

from collections import Counter
from typing import Final

from domain.reconciliation.comparison import Comparison
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.line_events import name_of
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.taxonomy import TAXONOMY, Cause, DiscrepancyType, Posting, Subject
from domain.settlements.settlement_line import Direction, LineType

TAT_PENALTY_A_DAY_PAISE: Final = 100_00
"""What a failed transaction costs for each day that its refund is late (RBI, turnaround time)."""

_CAUSES: Final = {
    LineType.FEE: Cause.FEE,
    LineType.TDS: Cause.TDS,
    LineType.RESERVE_HOLD: Cause.RESERVE_HELD,
}


def place_payout_lines(comparison: Comparison) -> None:
    """Place every line that is no payment to us and no refund from us."""
    held = Counter(comparison.evidence.reserve_held)
    for line in list(comparison.lines.values()):
        if line.line.line_type in {LineType.CHARGEBACK, LineType.CHARGEBACK_REVERSAL}:
            comparison.find(_dispute(comparison, line))
        elif _is_reserve_as_agreed(comparison, line, held):
            comparison.payout_level.append(line)
            del comparison.lines[line.ref]
        elif not _is_ordinary(line):
            comparison.find(_payout_level(line, _cause_of(comparison, line)))


def _is_ordinary(line: ReportedLine) -> bool:
    return (line.line.line_type, line.line.direction) in {
        (LineType.PAYMENT, Direction.CR),
        (LineType.REFUND, Direction.DR),
    }


def _is_reserve_as_agreed(comparison: Comparison, line: ReportedLine, held: Counter[str]) -> bool:
    """Whether a reserve is in the contract, or what is released was held back before."""
    told, mid = line.line, line.line.mid
    if told.line_type is LineType.RESERVE_HOLD:
        held[mid] -= line.gross_paise
        return mid in comparison.agreement.reserve_mids
    if told.line_type is not LineType.RESERVE_RELEASE or held[mid] < told.gross.paise:
        return False
    held[mid] -= line.gross_paise
    return True


def _cause_of(comparison: Comparison, line: ReportedLine) -> Cause:
    told = line.line
    if told.line_type is not LineType.ADJUSTMENT:
        return _CAUSES.get(told.line_type, Cause.ADJUSTMENT)
    refund = comparison.index.refunds.get(told.refund_id or "")
    names_a_refund = refund or comparison.index.refunds_of.get(told.payment_id or "")
    whole_days = told.gross.paise and not told.gross.paise % TAT_PENALTY_A_DAY_PAISE
    if told.direction is Direction.DR and names_a_refund and whole_days:
        return Cause.TAT_PENALTY
    return Cause.ADJUSTMENT


def _payout_level(line: ReportedLine, cause: Cause) -> Finding:
    told, kind = line.line, DiscrepancyType.MISSING_IN_SYSTEM
    rule = TAXONOMY[kind, cause]
    # A fee line has its amount in fee and taxes; they are booked as fees, whoever accepts them later.
    is_fee = rule.posting is Posting.FEES
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.LINE,
        ref=name_of(line),
        settlement=line.settlement,
        difference_paise=told.net.paise if is_fee else line.gross_paise,
        posted_paise=told.net.paise if is_fee else line.gross_paise,
        action=rule.action,
        lines=(line.ref,),
        evidence=facts(line_type=told.line_type, payment=told.payment_id, refund=told.refund_id),
    )


def _dispute(comparison: Comparison, line: ReportedLine) -> Finding:
    payment = comparison.index.payments.get(line.line.payment_id or "")
    is_won = line.line.line_type is LineType.CHARGEBACK_REVERSAL and payment is not None
    kind = DiscrepancyType.MISSING_IN_SYSTEM if payment is None else DiscrepancyType.STATUS_MISMATCH
    cause = Cause.CHARGEBACK_WON_UNRECORDED if is_won else Cause.CHARGEBACK
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.LINE if payment is None else Subject.PAYMENT,
        ref=line.line.payment_id or name_of(line),
        settlement=line.settlement,
        difference_paise=line.gross_paise,
        posted_paise=line.gross_paise,
        action=TAXONOMY[kind, cause].action,
        lines=(line.ref,),
        evidence=facts(bank_id=name_of(line), line_type=line.line.line_type),
    )
