"""A credit that differs is written off: it pays its settlement, and what is missing is a loss, or a gain."""

from dataclasses import replace
from typing import Final

import pytest

from domain.money import Money
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.payout import CreditPart
from domain.reconciliation.resolution import DEFAULT_LIMITS, ResolutionAction, ResolutionState
from domain.reconciliation.resolution_context import DecidedAlone
from domain.reconciliation.resolution_postings import resolution_journal
from domain.reconciliation.resolution_rules import ResolutionFieldRefused
from domain.reconciliation.resolve import resolve
from domain.reconciliation.taxonomy import Cause, Subject
from unit.domain.reconciliation.test_resolution import (
    UNTIL,
    a_finding,
    after,
    asked,
    context,
    entries,
)

Do = ResolutionAction
ENTRY: Final = "2026-11-16/0a1b2c3d4e5f"
ALONE: Final = DecidedAlone()


def differing(paise: int, **told: object) -> Finding:
    """Return that a credit for 1,000.00 was off by *paise*."""
    return a_finding(
        Cause.BANK_CREDIT_DIFFERS,
        paise,
        subject=Subject.BANK_CREDIT,
        ref=ENTRY,
        evidence=facts(net=1_000_00, credited=1_000_00 + paise, **told),
    )


@pytest.mark.parametrize("paise", [-9_00, 9_00], ids=["too little", "too much"])
def test_a_credit_that_differs_pays_its_settlement_and_no_more_after_an_undo(paise: int) -> None:
    """
    Transit is empty, the account has what came, and the rest is written off; the mirror gives it all back.
    """
    told = context(differing(paise))

    done = resolve(told, asked(), ALONE, DEFAULT_LIMITS)
    undone = resolve(after(told, done), asked(Do.UNDO), ALONE, DEFAULT_LIMITS)

    assert done.resolution.state is ResolutionState.IN_FORCE
    assert entries(done) == {"bank": 1_000_00 + paise, "writeoff": -paise, "transit": -1_000_00}
    assert done.paid == CreditPart(
        entry=ENTRY,
        settlement=told.discrepancy.finding.settlement,
        amount_paise=1_000_00 + paise,
        rounding_paise=-paise,
    )
    assert (undone.unpaid, undone.paid) == (done.paid, None)
    assert [each.of for each in undone.postings.reversals] == [done.resolution.journal_key]


def test_above_the_limit_a_second_person_writes_it_off() -> None:
    """
    It is a loss as any other.
    """
    done = resolve(context(differing(-100_01)), asked(), ALONE, DEFAULT_LIMITS)

    assert done.resolution.state is ResolutionState.PROPOSED
    assert done.resolution.amount == Money(100_01)
    assert done.paid is None


@pytest.mark.parametrize("told", [{"carried": -5_00}, {"entries": f"{ENTRY} other"}])
def test_what_several_have_a_part_in_is_not_written_off(told: dict[str, object]) -> None:
    """
    Nobody can say which of the credits, or of the settlements, is short.
    """
    finding = replace(differing(-9_00), evidence=facts(credited=991_00, **told))
    done = resolve(context(differing(-9_00)), asked(), ALONE, DEFAULT_LIMITS)

    with pytest.raises(ResolutionFieldRefused):
        resolve(context(finding), asked(), ALONE, DEFAULT_LIMITS)

    assert resolution_journal(done.resolution, finding, UNTIL) is None
