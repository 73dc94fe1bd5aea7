"""A person matches a line with a payment: to the paisa, once, for that very line, and until it is undone."""

from dataclasses import replace
from typing import Final

import pytest

from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.reconciliation.discrepancy import Judged, follow_up
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.expectation import ExpectationMove, ExpectationStanding
from domain.reconciliation.finding import DiscrepancyKey, facts
from domain.reconciliation.reported import LineRef
from domain.reconciliation.resolution import DEFAULT_LIMITS, ResolutionAction
from domain.reconciliation.resolution_context import DecidedAlone, ResolutionContext
from domain.reconciliation.resolution_rules import ResolutionFieldRefused
from domain.reconciliation.resolve import matched_payment, resolve
from domain.reconciliation.taxonomy import Cause
from unit.domain.reconciliation.test_resolution import (
    AT,
    CALENDAR,
    OTHER,
    PAYMENT,
    UNTIL,
    a_finding,
    after,
    asked,
    context,
    entries,
)

Do = ResolutionAction
LINE: Final = LineRef("f" * 64, 4)
SECOND: Final = LineRef("f" * 64, 5)
UNKNOWN: Final = a_finding(
    Cause.UNKNOWN_ORDER, 649_00, ref="BANK1", lines=(LINE,), evidence=facts(probable=PAYMENT)
)
OWED: Final = ExpectationStanding(payment=PAYMENT, amount=Money(649_00))
ALONE: Final = DecidedAlone()


def unknown(expectation: ExpectationStanding | None = OWED) -> ResolutionContext:
    return replace(context(UNKNOWN), expectation=expectation)


def test_a_line_is_matched_and_the_match_is_undone() -> None:
    """
    Suspense goes to clearing and the expectation is settled by the line; the mirror opens it again.
    """
    told = unknown()

    matched = resolve(told, asked(Do.MATCH_TO), ALONE, DEFAULT_LIMITS)
    settled = replace(after(told, matched), expectation=replace(OWED, settled_by=LINE))
    undone = resolve(settled, asked(Do.UNDO), ALONE, DEFAULT_LIMITS)

    assert matched.discrepancy.state is DiscrepancyState.RESOLVED
    assert matched.resolution.payment == PAYMENT
    assert entries(matched) == {"suspense": 649_00, "clearing": -649_00}
    assert matched.move == ExpectationMove(
        payment=PAYMENT, refund="", amount=Money(649_00), was=None, by=LINE
    )
    assert undone.discrepancy.state is DiscrepancyState.OPEN
    assert [each.of.kind for each in undone.postings.reversals] == [JournalKind.MATCH]
    assert undone.move == ExpectationMove(
        payment=PAYMENT, refund="", amount=Money(649_00), was=LINE, by=None
    )


def test_the_payment_is_the_one_that_is_named_or_offered() -> None:
    """
    An undo takes the one that was matched; whatever else is asked for is about none.
    """
    told = unknown()
    matched = after(told, resolve(told, asked(Do.MATCH_TO), ALONE, DEFAULT_LIMITS))
    claimed = after(told, resolve(told, asked(Do.CLAIM, until=UNTIL), ALONE, DEFAULT_LIMITS))

    assert matched_payment(told, asked(Do.MATCH_TO)) == PAYMENT
    assert matched_payment(told, asked(Do.MATCH_TO, payment=OTHER)) == OTHER
    assert matched_payment(matched, asked(Do.UNDO)) == PAYMENT
    assert matched_payment(claimed, asked(Do.UNDO)) is None
    assert matched_payment(told, asked(Do.UNDO)) is None
    assert matched_payment(told, asked(Do.WRITE_OFF)) is None


@pytest.mark.parametrize(
    ("expectation", "lines"),
    [
        (None, (LINE,)),
        (replace(OWED, settled_by=SECOND), (LINE,)),
        (OWED, (LINE, SECOND)),
        (replace(OWED, amount=Money(649_01)), (LINE,)),
    ],
    ids=["nothing owed", "settled", "two lines", "another amount"],
)
def test_a_line_that_does_not_settle_a_payment_is_not_matched_with_it(
    expectation: ExpectationStanding | None, lines: tuple[LineRef, ...]
) -> None:
    """
    It would close what the bank still owes, or leave a rest in clearing that nobody explains.
    """
    told = replace(context(replace(UNKNOWN, lines=lines)), expectation=expectation)

    with pytest.raises(ResolutionFieldRefused) as refused:
        resolve(told, asked(Do.MATCH_TO), ALONE, DEFAULT_LIMITS)

    assert refused.value.field == "payment_id"


def test_what_is_in_suspense_of_no_file_yet_is_not_matched() -> None:
    """
    A held file has posted nothing: the match would take from suspense what is not there.
    """
    told = replace(context(replace(UNKNOWN, posted_paise=0)), expectation=OWED)

    with pytest.raises(ResolutionFieldRefused):
        resolve(told, asked(Do.MATCH_TO), ALONE, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("of_lines", "state"),
    [((), DiscrepancyState.RESOLVED), ((UNKNOWN.key,), DiscrepancyState.OPEN)],
    ids=["an amount", "lines"],
)
def test_what_was_decided_of_lines_is_decided_again_when_they_are_told_anew(
    of_lines: tuple[DiscrepancyKey, ...], state: DiscrepancyState
) -> None:
    """
    What was decided about an amount holds as long as it is the same.
    """
    known = context(UNKNOWN, state=DiscrepancyState.RESOLVED).discrepancy

    (found,) = follow_up(
        {known.key: known},
        [replace(UNKNOWN, lines=(SECOND,))],
        Judged(),
        at=AT,
        calendar=CALENDAR,
        by="run",
        of_lines=of_lines,
    )

    assert found.state is state
