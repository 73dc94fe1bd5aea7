"""What a run came to, day by day: counted on the day by which the bank had to settle."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.reconciliation.evidence import Evidence
from domain.reconciliation.finding import Finding
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.taxonomy import DiscrepancyType


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDay:
    """Counts of one day: lines that were *matched*, what is *expected* still, and discrepancies."""

    matched: int = 0
    expected: int = 0
    overdue: int = 0
    mismatched: int = 0


def run_days(
    evidence: Evidence, outcome: Outcome, findings: Iterable[Finding]
) -> dict[str, RunDay]:
    """
    Return the counts by day (ISO), the earliest first; days of which nothing is counted are left out.

    A finding counts on the day of the earliest expectation that it is about, or else of its earliest line. What is
    about a whole settlement or a bank credit has no such day.
    """
    due = {entry.id: entry.due_on for entry in evidence.books}
    settled = {line.ref: line.line.settled_on for line in evidence.lines}
    matched = Counter(match.entry.due_on for match in outcome.matches)
    for each in outcome.plain:
        matched[each.due_on] += each.lines
    expected = Counter(entry.due_on for entry in outcome.expected)
    overdue: Counter[date] = Counter()
    mismatched: Counter[date] = Counter()
    for finding in findings:
        days = [due[entry] for entry in finding.entries if entry in due]
        days = days or [settled[line] for line in finding.lines if line in settled]
        if days and not finding.is_explained:
            missing = finding.type is DiscrepancyType.MISSING_IN_GATEWAY
            (overdue if missing else mismatched)[min(days)] += 1
    return {
        day.isoformat(): RunDay(
            matched=matched[day],
            expected=expected[day],
            overdue=overdue[day],
            mismatched=mismatched[day],
        )
        for day in sorted({*matched, *expected, *overdue, *mismatched})
    }
