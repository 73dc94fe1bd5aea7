"""What a report counts for beside those of other files."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from domain.identifiers import PaymentId
from domain.money import Money
from domain.settlements.line_key import line_key
from domain.settlements.reissue import ReportedAgain, difference_between
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from domain.settlements.settlement_report import (
    Judgement,
    ReissueNotWaiting,
    ReportState,
    judge_report,
)

ONE: Final = SettlementLine(
    line_no=2,
    line_type=LineType.PAYMENT,
    direction=Direction.CR,
    mid="SIM0001",
    payment_id=PaymentId("SK7QMZ2VKA4CYD6HRN3B"),
    gross=Money(100),
    net=Money(100),
    txn_at=datetime(2026, 11, 12, tzinfo=UTC),
    settled_on=date(2026, 11, 13),
)
TWO: Final = replace(ONE, payment_id=PaymentId("SKW5TLEU3XJ7FOPA2GVS"), line_no=3)
DEARER: Final = replace(ONE, gross=Money(101), net=Money(101))


def judged(
    before: list[SettlementLine],
    after: list[SettlementLine],
    *,
    equal: int = 0,
    matched: frozenset[str] = frozenset(),
    was_held: bool = False,
    is_taken: bool = False,
) -> Judgement:
    difference = difference_between(before, after, equal=equal)
    return judge_report(difference, matched=matched, was_held=was_held, is_taken=is_taken)


def test_other_events_are_a_supplement() -> None:
    """
    They count beside what is there, held or not.
    """
    supplement = Judgement(ReportState.LIVE, ReportedAgain.SUPPLEMENT)

    assert judged([ONE], [TWO]) == supplement
    assert judged([ONE], [TWO], was_held=True) == supplement


def test_a_report_saved_again_adds_nothing() -> None:
    """
    Unless only a held report was there: the whole file takes its place.
    """
    assert judged([ONE], [ONE], equal=3) == Judgement(
        ReportState.REPEATED, ReportedAgain.NO_NEW_EVENTS
    )
    assert judged([], [], equal=3).state is ReportState.REPEATED
    assert judged([], [], equal=3, was_held=True) == Judgement(
        ReportState.LIVE, ReportedAgain.REISSUE
    )


def test_a_reissue_that_takes_nothing_away_is_taken_by_machine() -> None:
    """
    Lines are added, or amounts change that nothing was matched with.
    """
    taken = Judgement(ReportState.LIVE, ReportedAgain.REISSUE)

    assert judged([], [TWO], equal=1) == taken
    assert judged([ONE], [DEARER, TWO]) == taken


def test_a_reissue_that_takes_something_away_waits_for_a_person() -> None:
    """
    A line is removed, or a matched amount changes; a person may take it all the same.
    """
    waiting = Judgement(ReportState.WAITING, ReportedAgain.REISSUE)
    matched = frozenset({line_key(ONE)})

    assert judged([TWO], [], equal=1) == waiting
    assert judged([ONE], [DEARER], matched=matched) == waiting
    assert judged([TWO], [], equal=1, was_held=True) == waiting
    assert judged([ONE], [DEARER], matched=matched, is_taken=True).state is ReportState.LIVE


def test_what_does_not_wait_is_named() -> None:
    """
    The refusal says which settlement was meant.
    """
    assert "S1" in str(ReissueNotWaiting("S1"))
