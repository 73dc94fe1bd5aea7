"""A run day by day: each line and each discrepancy on the day by which the bank had to settle."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.reconciliation.finding import REFUNDED_ON, Finding
from domain.reconciliation.plain_sums import PlainSums
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.run_days import RunDay, run_days
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Subject
from unit.domain.reconciliation.samples import agreement_of, evidence_of, expected_of
from unit.domain.reconciliation.test_samples import REPORTS

DAY = timedelta(days=1)
CLEAN = "01-clean.csv"
FOUND = Finding(
    type=DiscrepancyType.AMOUNT_MISMATCH,
    cause=Cause.GROSS_DIFFERS,
    subject=Subject.PAYMENT,
    ref="ref",
    settlement="settlement",
    difference_paise=-100,
    action=Action.PERSON,
)


@pytest.mark.parametrize("name", REPORTS)
def test_the_days_add_up_to_the_run(name: str) -> None:
    """
    No line and no expectation is counted twice or left out.
    """
    evidence = evidence_of(name)
    outcome = reconcile(evidence, agreement_of(expected_of(name)["reconcile"]))

    days = run_days(evidence, outcome, outcome.findings).values()

    assert sum(each.matched for each in days) == outcome.matched_lines
    assert sum(each.expected for each in days) == len(outcome.expected)
    assert sum(each.overdue + each.mismatched for each in days) <= len(outcome.findings)
    assert RunDay() not in days


def test_each_counts_on_the_day_of_its_expectation_or_else_of_its_line() -> None:
    """
    Of several the earliest; sums as well. What is about neither, or explained, is on no day.
    """
    evidence = evidence_of(CLEAN)
    clean = reconcile(evidence, agreement_of(expected_of(CLEAN)["reconcile"]))
    first = min(evidence.books, key=lambda entry: entry.due_on)
    last = replace(first, id="later", due_on=first.due_on + 9 * DAY)
    line = evidence.lines[0]
    sums = PlainSums(
        file="a",
        settlement="s",
        settled_on=first.due_on,
        due_on=first.due_on + 20 * DAY,
        lines=7,
        gross_paise=700,
    )
    evidence = replace(evidence, books=(last, first))
    outcome = replace(clean, matches=(), plain=(sums,), expected=(last,))
    overdue = replace(
        FOUND, type=DiscrepancyType.MISSING_IN_GATEWAY, cause=Cause.NOT_SETTLED_WHEN_DUE
    )
    twice = replace(FOUND, cause=Cause.CHARGED_TWICE)

    days = run_days(
        evidence,
        outcome,
        [
            replace(FOUND, entries=("later", first.id)),
            replace(overdue, entries=("later",)),
            replace(FOUND, entries=("unknown",), lines=(line.ref,)),
            FOUND,
            replace(twice, entries=("later",), evidence=((REFUNDED_ON, "2026-11-30"),)),
        ],
    )

    expected: dict[str, RunDay] = {
        last.due_on.isoformat(): RunDay(expected=1, overdue=1),
        sums.due_on.isoformat(): RunDay(matched=7),
    }
    for day in (first.due_on, line.line.settled_on):
        known = expected.get(day.isoformat(), RunDay())
        expected[day.isoformat()] = replace(known, mismatched=known.mismatched + 1)
    assert days == expected
    assert list(days) == sorted(days)
