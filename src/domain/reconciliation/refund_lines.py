"""Refund lines: each takes one refund of ours, by its id, by its payment and amount, or by RRN or ARN."""

from dataclasses import replace

from domain.identifiers import is_refund_id
from domain.payments.refund_state import RefundState
from domain.reconciliation.amounts import compare, differing
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.comparison import Comparison
from domain.reconciliation.finding import REFUNDED_ON, Finding, facts
from domain.reconciliation.line_events import name_of
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.taxonomy import TAXONOMY, Cause, DiscrepancyType, Subject
from domain.settlements.settlement_line import Direction, LineType


def match_refunds(comparison: Comparison) -> None:
    """Place every refund line: the surest key first, and each key for all lines before the next."""
    for place in (_by_id, _by_payment, _by_reference, _by_second_charge):
        for line in _left(comparison):
            place(comparison, line)
    _find_paid_there(comparison)
    for line in _left(comparison):
        if others := _candidates(comparison, line):
            comparison.find(_amount_differs(others[0], line))
        else:
            comparison.find(_made_outside(line))


def _by_id(comparison: Comparison, line: ReportedLine) -> None:
    refund = comparison.index.refunds.get(line.line.refund_id or "")
    if refund is None:
        return
    if refund.id in comparison.unsettled:
        if _equal(refund, line):
            compare(comparison, refund, line)
        else:
            comparison.find(_amount_differs(refund, line))
    elif not _can_be_paid(refund):
        comparison.find(_made_outside(line))


def _by_payment(comparison: Comparison, line: ReportedLine) -> None:
    equal = [each for each in _candidates(comparison, line) if _equal(each, line)]
    if equal:
        compare(comparison, equal[0], line)


def _by_reference(comparison: Comparison, line: ReportedLine) -> None:
    if (found := by_reference(comparison, line)) is not None:
        compare(comparison, found, line)


def _by_second_charge(comparison: Comparison, line: ReportedLine) -> None:
    """Put *line* to the second charge of its order that staff have asked the bank to give back, to the paisa."""
    if is_refund_id(line.line.refund_id or ""):
        return
    for finding in comparison.evidence.refunds_asked:
        is_of_it = (finding.ref, finding.difference_paise) == (
            line.line.payment_id,
            line.line.gross.paise,
        )
        if is_of_it and comparison.lines.keys() >= set(finding.lines):
            comparison.find(_refunded(finding, line))
            return


def _refunded(finding: Finding, line: ReportedLine) -> Finding:
    told = dict(finding.evidence) | {REFUNDED_ON: line.line.settled_on, "refund": name_of(line)}
    return replace(
        finding,
        difference_paise=0,
        posted_paise=0,
        lines=(*finding.lines, line.ref),
        evidence=facts(**told),
    )


def _find_paid_there(comparison: Comparison) -> None:
    """Give each line that is left one refund that the bank may have paid, and each refund one line."""
    used: set[str] = set()
    for line in _left(comparison):
        unpaid = [each for each in _unpaid_here(comparison, line) if each.id not in used]
        if unpaid:
            used.add(unpaid[0].id)
            comparison.find(_paid_there(unpaid[0], line))


def by_reference(comparison: Comparison, line: ReportedLine) -> BookEntry | None:
    """
    Return the open expectation with the RRN or ARN of *line*, when nothing else has it.

    The line names nothing of ours, the amounts are equal, and the reference is unique on both sides.
    """
    if line.line.payment_id or line.line.refund_id:
        return None
    found = comparison.index.same_reference(line)
    if found is None or found.id not in comparison.unsettled:
        return None
    return found if _equal(found, line) else None


def _left(comparison: Comparison) -> list[ReportedLine]:
    return comparison.left(LineType.REFUND, Direction.DR)


def _equal(entry: BookEntry, line: ReportedLine) -> bool:
    return entry.signed_paise == line.gross_paise


def _of_payment(comparison: Comparison, line: ReportedLine) -> list[BookEntry]:
    """The refunds of the line's payment, oldest first; none when the line names a refund of ours."""
    if line.line.payment_id is None or is_refund_id(line.line.refund_id or ""):
        return []
    return comparison.index.refunds_of.get(line.line.payment_id, [])


def _candidates(comparison: Comparison, line: ReportedLine) -> list[BookEntry]:
    return [each for each in _of_payment(comparison, line) if each.id in comparison.unsettled]


def _unpaid_here(comparison: Comparison, line: ReportedLine) -> list[BookEntry]:
    """The refunds that the line may have paid: the one that it names, or those of its amount."""
    named = comparison.index.refunds.get(line.line.refund_id or "")
    if named is not None:
        return [named]
    equal = [
        each for each in _of_payment(comparison, line) if _can_be_paid(each) and _equal(each, line)
    ]
    return sorted(equal, key=lambda each: each.state is RefundState.FAILED)


def _can_be_paid(refund: BookEntry) -> bool:
    state = refund.state
    return isinstance(state, RefundState) and (
        state.is_with_the_bank or state is RefundState.FAILED
    )


def _paid_there(refund: BookEntry, line: ReportedLine) -> Finding:
    cause = (
        Cause.REFUND_FAILED_HERE_PAID_THERE
        if refund.state is RefundState.FAILED
        else Cause.REFUND_PAID_BUT_OPEN_HERE
    )
    return Finding(
        type=DiscrepancyType.STATUS_MISMATCH,
        cause=cause,
        subject=Subject.REFUND,
        ref=refund.id,
        settlement=line.settlement,
        difference_paise=line.gross_paise - refund.signed_paise,
        posted_paise=line.gross_paise,
        action=TAXONOMY[DiscrepancyType.STATUS_MISMATCH, cause].action,
        lines=(line.ref,),
        evidence=facts(state=refund.state, payment=refund.payment_id),
    )


def _amount_differs(refund: BookEntry, line: ReportedLine) -> Finding:
    difference = line.gross_paise - refund.signed_paise
    return differing(
        refund,
        line,
        Cause.REFUND_AMOUNT_DIFFERS,
        difference,
        posted_paise=difference,
        ours=refund.amount_paise,
        bank=line.line.gross.paise,
    )


def _made_outside(line: ReportedLine) -> Finding:
    return Finding(
        type=DiscrepancyType.MISSING_IN_SYSTEM,
        cause=Cause.REFUND_MADE_OUTSIDE,
        subject=Subject.LINE,
        ref=name_of(line),
        settlement=line.settlement,
        difference_paise=line.gross_paise,
        posted_paise=line.gross_paise,
        action=TAXONOMY[DiscrepancyType.MISSING_IN_SYSTEM, Cause.REFUND_MADE_OUTSIDE].action,
        lines=(line.ref,),
        evidence=facts(payment=line.line.payment_id, refund=line.line.refund_id),
    )
