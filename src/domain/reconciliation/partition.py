"""The rule that nothing is lost or counted twice: what a run was given against what it says of it."""

from collections import Counter
from collections.abc import Hashable, Iterable

from domain.reconciliation.evidence import Evidence
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.plain_sums import gross_of


def partition_faults(evidence: Evidence, outcome: Outcome) -> tuple[str, ...]:
    """
    Return what is wrong with *outcome*; an empty tuple when it is a partition of *evidence*.

    Each open expectation is matched, expected or in one discrepancy. Each line is matched, in one
    discrepancy, payout-level, or only repeats another file. The sums tie to the paisa.
    """
    expectations = [entry.id for entry in evidence.books if entry.is_open]
    placed_entries = [
        *(match.entry.id for match in outcome.matches),
        *(entry.id for entry in outcome.expected),
        *(entry for finding in outcome.findings for entry in finding.entries),
    ]
    placed_lines = [
        *(match.line.ref for match in outcome.matches),
        *(ref for finding in outcome.findings for ref in finding.lines),
        *outcome.silent,
        *outcome.payout_level,
    ]
    keys = [finding.key for finding in outcome.findings]
    faults = [
        *_unequal("expectation", expectations, placed_entries),
        *_unequal("line", (line.ref for line in evidence.lines), placed_lines),
        *_unequal("discrepancy", set(keys), keys),
    ]
    if not outcome.totals.tie:
        faults.append("the totals do not tie")
    if (unplaced := _unplaced_paise(evidence, outcome)) != 0:
        faults.append(f"{unplaced} paise are in no class")
    return tuple(faults)


def _unequal(kind: str, given: Iterable[Hashable], placed: Iterable[Hashable]) -> list[str]:
    have, want = Counter(placed), Counter(given)
    return [
        f"{kind} {each} stands {have[each]} times instead of {want[each]}"
        for each in sorted(have | want, key=str)
        if have[each] != want[each]
    ]


def _unplaced_paise(evidence: Evidence, outcome: Outcome) -> int:
    """The gross of all lines and plain sums less that of matches, discrepancies, payout-level and repeated lines."""
    gross = {line.ref: line.gross_paise for line in evidence.lines}
    in_findings = sum(gross.get(ref, 0) for each in outcome.findings for ref in each.lines)
    aside = sum(gross.get(ref, 0) for ref in (*outcome.silent, *outcome.payout_level))
    told = sum(gross.values()) + gross_of(evidence.plain)
    return told - outcome.matched_paise - in_findings - aside
