"""Whatever was traded and whatever the bank got wrong: nothing is lost, and nothing is counted twice."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reconciliation.evidence import Evidence
from domain.reconciliation.finding import Match
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.taxonomy import TAXONOMY, DiscrepancyType
from unit.domain.reconciliation.trade import (
    AGREEMENT,
    credit,
    disturbed,
    evidence,
    sold,
)

EXAMPLES = 30
"""A sample; ``tests/exhaustive`` draws thousands."""


@settings(max_examples=EXAMPLES)
@given(disturbed())
def test_every_line_and_expectation_stands_once(given_: Evidence) -> None:
    """
    Each expectation and each line is exactly one thing, and the sums tie to the paisa.
    """
    outcome = reconcile(given_, AGREEMENT)

    assert partition_faults(given_, outcome) == ()
    assert all((each.type, each.cause) in TAXONOMY for each in outcome.findings)


@settings(max_examples=EXAMPLES)
@given(disturbed(), st.randoms(use_true_random=False))
def test_order_does_not_matter(given_: Evidence, chance: Random) -> None:
    """
    The same books and lines in any order lead to the same bytes.
    """
    books, lines = list(given_.books), list(given_.lines)
    chance.shuffle(books)
    chance.shuffle(lines)
    shuffled = replace(given_, books=books, lines=lines)

    assert reconcile(given_, AGREEMENT).canonical() == reconcile(shuffled, AGREEMENT).canonical()


@settings(max_examples=EXAMPLES)
@given(disturbed())
def test_a_file_that_comes_twice_says_nothing_new(given_: Evidence) -> None:
    """
    A later file with the same lines changes no match, no discrepancy and no total.
    """
    again = [replace(line, file=f"z{line.file}") for line in given_.lines]
    once = reconcile(given_, AGREEMENT)
    twice = reconcile(replace(given_, lines=[*given_.lines, *again]), AGREEMENT)

    assert (twice.matches, twice.expected, twice.totals) == (
        once.matches,
        once.expected,
        once.totals,
    )
    first = {finding.key for finding in once.findings}
    assert {finding.key for finding in twice.findings} == first


@settings(max_examples=EXAMPLES)
@given(disturbed())
def test_an_incomplete_file_proves_nothing_by_absence(given_: Evidence) -> None:
    """
    Without a complete file nothing that no line names is missing.
    """
    outcome = reconcile(replace(given_, complete_until={}), AGREEMENT)

    assert not [
        finding
        for finding in outcome.findings
        if finding.type is DiscrepancyType.MISSING_IN_GATEWAY and not finding.lines
    ]


def test_the_check_sees_what_is_lost_and_what_is_counted_twice() -> None:
    """
    A lost line, a match that stands twice, a total that does not tie: each is named.
    """
    known = evidence(sold(), lines=(credit(),))
    outcome = reconcile(known, AGREEMENT)
    match: Match = outcome.matches[0]

    def faults(changed: Outcome) -> str:
        return "; ".join(partition_faults(known, changed))

    assert partition_faults(known, outcome) == ()
    assert "stands 0 times instead of 1" in faults(replace(outcome, matches=()))
    assert "100000 paise are in no class" in faults(replace(outcome, matches=()))
    assert "stands 2 times instead of 1" in faults(replace(outcome, matches=(match, match)))
    assert "totals do not tie" in faults(
        replace(outcome, totals=replace(outcome.totals, net_settlement_paise=1))
    )
