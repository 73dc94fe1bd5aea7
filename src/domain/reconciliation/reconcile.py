"""Compare books with settlement lines: every line and every expectation ends as exactly one thing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from domain.reconciliation.absences import find_missing
from domain.reconciliation.comparison import Comparison
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.finding import DiscrepancyKey, Finding, facts
from domain.reconciliation.line_events import set_held_lines_aside, set_repeated_lines_aside
from domain.reconciliation.outcome import Outcome, totals_of
from domain.reconciliation.payment_lines import match_auto_refunds, match_payments
from domain.reconciliation.payout_lines import place_payout_lines
from domain.reconciliation.refund_lines import match_refunds
from domain.reconciliation.reported import DeclaredTotal, UnreadableRow
from domain.reconciliation.taxonomy import TAXONOMY, Cause, DiscrepancyType, Subject


def reconcile(evidence: Evidence, agreement: Agreement) -> Outcome:
    """
    Return what matches, what is only expected, and what disagrees.

    The outcome depends on what is known, not on the order in which it is given: equal evidence
    leads to equal bytes. Nothing is changed here; what repairs the books is a read of the bank.
    """
    comparison = Comparison(evidence, agreement)
    set_held_lines_aside(comparison)
    set_repeated_lines_aside(comparison)
    place_payout_lines(comparison)
    match_auto_refunds(comparison)
    match_refunds(comparison)
    match_payments(comparison)
    expected = find_missing(comparison)
    return Outcome(
        matches=tuple(sorted(comparison.matches, key=lambda match: match.line.order)),
        expected=tuple(sorted(expected, key=lambda entry: (entry.due_on, entry.id))),
        findings=_merged(
            [
                *_by_line(comparison),
                *(_unreadable(row) for row in sorted(evidence.rejected, key=_place)),
                *_wrong_totals(evidence, agreement),
                *sorted(_absent(comparison), key=lambda finding: finding.key),
            ]
        ),
        silent=tuple(line.ref for line in comparison.silent),
        payout_level=tuple(line.ref for line in comparison.payout_level),
        totals=totals_of(evidence.lines, comparison.silent, evidence.plain),
        plain=tuple(evidence.plain),
    )


def _by_line(comparison: Comparison) -> list[Finding]:
    orders = {line.ref: line.order for line in comparison.index.lines}
    about_lines = [finding for finding in comparison.findings if finding.lines]
    return sorted(about_lines, key=lambda finding: min(orders[ref] for ref in finding.lines))


def _absent(comparison: Comparison) -> list[Finding]:
    return [finding for finding in comparison.findings if not finding.lines]


def _place(row: UnreadableRow) -> tuple[str, int]:
    return (row.file, row.line_no)


def _unreadable(row: UnreadableRow) -> Finding:
    kind, cause = DiscrepancyType.MISSING_IN_SYSTEM, Cause.UNREADABLE_LINE
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.LINE,
        ref=f"line {row.line_no}",
        settlement=row.file,
        difference_paise=0,
        action=TAXONOMY[kind, cause].action,
        rejected_lines=(row.line_no,),
        evidence=facts(reason=row.reason),
    )


def _wrong_totals(evidence: Evidence, agreement: Agreement) -> list[Finding]:
    """
    Find what a file says of its own sums and does not hold; what the bank keeps back is in the count alone.

    Where a row could not be read, its amount is in the totals and in no line: nobody can say whether they are right.
    """
    unreadable = {row.file for row in evidence.rejected}
    held = {line.ref for line in evidence.lines if agreement.holds(line)}
    lines: Counter[tuple[str, str | None]] = Counter()
    nets: Counter[tuple[str, str | None]] = Counter()
    for line in evidence.lines:
        for place in ((line.file, None), (line.file, line.settlement)):
            lines[place] += 1
            nets[place] += 0 if line.ref in held else line.line.net.paise
    for sums in evidence.plain:
        for place in ((sums.file, None), (sums.file, sums.settlement)):
            lines[place] += sums.lines
            nets[place] += sums.net_paise
    return [
        _wrong_total(each, lines[each.file, each.settlement], nets[each.file, each.settlement])
        for each in sorted(evidence.declared, key=lambda told: (told.file, told.settlement or ""))
        if each.file not in unreadable
        and not (
            each.lines in {None, lines[each.file, each.settlement]}
            and each.net_paise == nets[each.file, each.settlement]
        )
    ]


def _wrong_total(declared: DeclaredTotal, lines: int, net: int) -> Finding:
    kind, cause = DiscrepancyType.AMOUNT_MISMATCH, Cause.SETTLEMENT_TOTAL_DIFFERS
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.SETTLEMENT,
        ref=declared.settlement or declared.file,
        settlement=declared.settlement or declared.file,
        difference_paise=declared.net_paise - net,
        action=TAXONOMY[kind, cause].action,
        evidence=facts(
            declared=declared.net_paise,
            of_lines=net,
            declared_lines=declared.lines,
            lines=lines,
        ),
    )


def _merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One identity is one discrepancy: a third charge of an order adds to the second one."""
    by_key: dict[DiscrepancyKey, Finding] = {}
    for finding in findings:
        known = by_key.get(finding.key)
        by_key[finding.key] = finding if known is None else _joined(known, finding)
    return tuple(by_key.values())


def _joined(first: Finding, second: Finding) -> Finding:
    return replace(
        first,
        difference_paise=first.difference_paise + second.difference_paise,
        posted_paise=first.posted_paise + second.posted_paise,
        lines=first.lines + second.lines,
        entries=first.entries + second.entries,
        closed=first.closed + second.closed,
        evidence=first.evidence + second.evidence,
    )
