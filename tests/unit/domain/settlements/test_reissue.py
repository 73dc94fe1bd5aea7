"""What is reported again: lines twice, one order charged twice, a re-issue, a supplement, or nothing new."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import PaymentId
from domain.money import Money
from domain.settlements.line_key import event_key, line_key
from domain.settlements.reissue import (
    DuplicateCause,
    ReportedAgain,
    charged_twice,
    difference_between,
    overlap_cause,
    state_in_file,
    with_occurrences,
)
from domain.settlements.settlement_line import (
    Direction,
    LineState,
    LineType,
    SettlementLine,
)


def line(number: int, paise: int = 1000, attempt: int = 1) -> SettlementLine:
    """Return the payment of one order by one attempt."""
    return SettlementLine(
        line_no=number + 1,
        line_type=LineType.PAYMENT,
        direction=Direction.CR,
        mid="SIM0001",
        payment_id=PaymentId(f"SK{number:018d}"),
        attempt=attempt,
        bank_txn_id=f"B{number}-{attempt}",
        rrn=f"{number:011d}{attempt}",
        gross=Money(paise),
        net=Money(paise),
        txn_at=datetime(2026, 11, 12, tzinfo=UTC),
        settled_on=date(2026, 11, 13),
    )


ONE, TWO, THREE = line(1), line(2), line(3)
NAMELESS: Final = replace(ONE, payment_id=None, attempt=None, bank_txn_id=None, rrn=None)


def test_the_same_line_twice_counts_once() -> None:
    """
    Its second occurrence is a duplicate, wherever it stands.
    """
    counted = with_occurrences([ONE, TWO, replace(ONE, line_no=9)])

    assert [each.occurrence for each in counted] == [1, 1, 2]
    assert [state_in_file(each) for each in counted] == [
        LineState.LIVE,
        LineState.LIVE,
        LineState.DUPLICATE,
    ]


def test_an_order_charged_twice_is_money_that_came_twice() -> None:
    """
    Under another bank id: both count, and both are named. A line repeated is not.
    """
    second = line(1, attempt=2)
    refund = replace(ONE, line_type=LineType.REFUND, direction=Direction.DR, bank_txn_id="B9")

    assert charged_twice([ONE, TWO, second, ONE, refund, NAMELESS]) == [(ONE, second)]
    assert charged_twice([ONE, ONE, TWO]) == []


def test_a_second_issue_shows_what_changed() -> None:
    """
    Unchanged, changed with both amounts, added, removed.
    """
    changed = line(2, paise=990)
    difference = difference_between([ONE, TWO, THREE], [ONE, changed, line(4)])

    assert difference.kind is ReportedAgain.REISSUE
    assert difference.unchanged == ((ONE, ONE),)
    assert [(each.before, each.after, each.difference) for each in difference.changed] == [
        (TWO, changed, Money(-10))
    ]
    assert (difference.added, difference.removed) == ((line(4),), (THREE,))


def test_a_person_looks_where_something_goes_or_a_matched_amount_changes() -> None:
    """
    Anything else is taken by machine.
    """
    changed = line(2, paise=990)
    matched = frozenset({line_key(TWO)})

    assert difference_between([ONE, TWO], [ONE, TWO, THREE]).is_taken_by_machine(matched)
    assert difference_between([ONE, TWO], [ONE, changed]).is_taken_by_machine(frozenset())
    assert not difference_between([ONE, TWO], [ONE, changed]).is_taken_by_machine(matched)
    assert not difference_between([ONE, TWO], [ONE]).is_taken_by_machine(frozenset())


def test_no_event_in_common_is_a_supplement() -> None:
    """
    Its lines are added to the settlement.
    """
    assert difference_between([ONE], [TWO]).kind is ReportedAgain.SUPPLEMENT


def test_the_same_report_saved_by_a_spreadsheet_brings_nothing_new() -> None:
    """
    Ids lost or not: the order and the amounts are the same.
    """
    saved = [replace(each, rrn=None, bank_txn_id=None, line_no=9) for each in (ONE, TWO)]

    assert difference_between([ONE, TWO], saved).kind is ReportedAgain.NO_NEW_EVENTS
    assert difference_between([ONE, TWO], [TWO, ONE]).kind is ReportedAgain.NO_NEW_EVENTS


def test_lost_ids_never_hide_another_charge() -> None:
    """
    Another attempt, another amount or an id that contradicts is another event.
    """
    for other in (
        replace(ONE, attempt=2, bank_txn_id=None, rrn="000000000099"),
        replace(line(1, paise=999), bank_txn_id=None),
        replace(ONE, bank_txn_id="B9"),
    ):
        difference = difference_between([ONE], [other])
        assert (difference.added, difference.removed) == ((other,), (ONE,))


def test_a_line_that_names_nothing_is_only_itself() -> None:
    """
    Two reserves without ids are the same only when they are equal in everything.
    """
    other = replace(NAMELESS, gross=Money(5), net=Money(5))

    assert difference_between([NAMELESS], [NAMELESS]).kind is ReportedAgain.NO_NEW_EVENTS
    assert difference_between([NAMELESS], [other]).removed == (NAMELESS,)


def test_an_event_of_another_file_counts_once() -> None:
    """
    With equal amounts silently; with others it is for the matcher.
    """
    live = {event_key(ONE): ONE}

    assert overlap_cause(ONE, live) is DuplicateCause.REPORTED_BEFORE
    assert overlap_cause(TWO, live) is None
    assert overlap_cause(line(1, paise=990), live) is None


LINES: Final = st.lists(
    st.builds(line, st.integers(1, 4), st.sampled_from([990, 1000]), st.integers(1, 2)),
    max_size=8,
)


@given(LINES, LINES)
def test_every_line_stands_in_a_difference_once(
    before: list[SettlementLine], after: list[SettlementLine]
) -> None:
    """
    So no paisa is lost between two issues of a settlement.
    """
    difference = difference_between(before, after)
    old = [pair[0] for pair in difference.unchanged] + [each.before for each in difference.changed]
    new = [pair[1] for pair in difference.unchanged] + [each.after for each in difference.changed]

    assert sorted(map(repr, [*old, *difference.removed])) == sorted(map(repr, before))
    assert sorted(map(repr, [*new, *difference.added])) == sorted(map(repr, after))
    moved = sum(each.difference.paise for each in difference.changed)
    moved += sum(each.net.paise for each in difference.added)
    moved -= sum(each.net.paise for each in difference.removed)
    assert moved == sum(each.net.paise for each in after) - sum(each.net.paise for each in before)
