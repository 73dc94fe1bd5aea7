"""One discrepancy keeps its identity, owner and time over all runs, and closes only by evidence or a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy, Judged, follow_up
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.finding import Finding
from domain.reconciliation.reported import LineRef
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Owner, Subject

CALENDAR = BankCalendar(version="runs")
SATURDAY = datetime(2026, 11, 13, 20, 30, tzinfo=UTC)  # 02:00 in India, a second Saturday
MONDAY = datetime(2026, 11, 16, 20, 30, tzinfo=UTC)
LINE = LineRef("f" * 64, 4)
FINDING = Finding(
    type=DiscrepancyType.MISSING_IN_SYSTEM,
    cause=Cause.UNKNOWN_ORDER,
    subject=Subject.LINE,
    ref="SKR3KDMZ5CWYH7NBIT4A",
    settlement="SIM0001/2026-11-13",
    difference_paise=649_00,
    posted_paise=649_00,
    action=Action.READ_ORDER_STATUS,
    lines=(LINE,),
)
NETTED = replace(
    FINDING,
    type=DiscrepancyType.AMOUNT_MISMATCH,
    cause=Cause.NETTED_REFUND,
    difference_paise=0,
    posted_paise=0,
    entries=("SK1",),
)


def after_run(
    known: tuple[Discrepancy, ...],
    findings: tuple[Finding, ...],
    judged: Judged | None = None,
    at: datetime = MONDAY,
) -> tuple[Discrepancy, ...]:
    """Return what the run of *at* leads to."""
    by_key = {each.key: each for each in known}
    return follow_up(by_key, findings, judged or Judged(), at=at, calendar=CALENDAR, by="run 2")


def in_state(state: DiscrepancyState) -> Discrepancy:
    """Return the discrepancy of Saturday in a state."""
    return replace(Discrepancy.of(FINDING, SATURDAY, CALENDAR), state=state)


def test_a_new_discrepancy_has_an_owner_and_48_hours_of_working_time() -> None:
    """
    Found at 02:00 on a closed Saturday: due at the end of Tuesday, in India.
    """
    (new,) = after_run((), (FINDING,), at=SATURDAY)

    assert (new.state, new.owner, new.times_found) == (DiscrepancyState.OPEN, Owner.OPERATIONS, 1)
    assert new.due_at == datetime(2026, 11, 17, 18, 30, tzinfo=UTC)
    assert not new.is_overdue(new.due_at)
    assert new.is_overdue(new.due_at + timedelta(seconds=1))


def test_what_is_found_again_is_the_same_one() -> None:
    """
    It keeps owner, time and first day, and counts how often it was found.
    """
    (new,) = after_run((), (FINDING,), at=SATURDAY)

    (again,) = after_run((new,), (FINDING,))

    assert again == replace(new, last_found_at=MONDAY, times_found=2)


@pytest.mark.parametrize("state", [DiscrepancyState.HEALED, DiscrepancyState.EXPLAINED])
def test_what_was_closed_without_a_person_opens_again(state: DiscrepancyState) -> None:
    """
    With new time for its owner.
    """
    closed = replace(in_state(state), closed_by="run 1")

    (again,) = after_run((closed,), (FINDING,))

    assert (again.state, again.closed_by) == (DiscrepancyState.OPEN, "")
    assert again.due_at > closed.due_at


def test_a_decision_holds_for_the_difference_that_was_decided() -> None:
    """
    The same difference rests; another one opens it again.
    """
    resolved = in_state(DiscrepancyState.RESOLVED)

    (same,) = after_run((resolved,), (FINDING,))
    (other,) = after_run((resolved,), (replace(FINDING, difference_paise=1),))

    assert same.state is DiscrepancyState.RESOLVED
    assert (other.state, other.finding.difference_paise) == (DiscrepancyState.OPEN, 1)


def test_a_netted_refund_is_explained_from_the_start() -> None:
    """
    Both sides are closed: nobody has to do anything, however often it is found.
    """
    (new,) = after_run((), (NETTED,), at=SATURDAY)
    (again,) = after_run((new,), (NETTED,))

    assert (new.state, new.closed_by) == (DiscrepancyState.EXPLAINED, "netted_refund")
    assert (again.state, again.times_found) == (DiscrepancyState.EXPLAINED, 2)


EXPLAINING = [
    (FINDING, Judged(lines=frozenset({LINE}))),
    (replace(FINDING, lines=(), entries=("SK1",)), Judged(entries=frozenset({"SK1"}))),
    (
        replace(FINDING, lines=(), subject=Subject.BANK_CREDIT, ref="E1"),
        Judged(bank_entries=frozenset({"E1"})),
    ),
    (
        replace(FINDING, lines=(), subject=Subject.SETTLEMENT),
        Judged(settlements=frozenset({FINDING.settlement})),
    ),
    (
        replace(FINDING, lines=(), rejected_lines=(5,)),
        Judged(files=frozenset({FINDING.settlement})),
    ),
]


@pytest.mark.parametrize(("finding", "judged"), EXPLAINING)
def test_later_evidence_explains_what_is_not_found_again(finding: Finding, judged: Judged) -> None:
    """
    Line, expectation, entry, settlement or file were placed otherwise; silence explains nothing.
    """
    (known,) = after_run((), (finding,), at=SATURDAY)

    (explained,) = after_run((known,), (), judged)

    assert (explained.state, explained.closed_by) == (DiscrepancyState.EXPLAINED, "run 2")
    assert after_run((known,), ()) == ()


@pytest.mark.parametrize(
    "state", [DiscrepancyState.HEALED, DiscrepancyState.EXPLAINED, DiscrepancyState.RESOLVED]
)
def test_what_is_closed_stays_as_it_was_closed(state: DiscrepancyState) -> None:
    """
    A run that does not find it again changes nothing about it.
    """
    closed = in_state(state)

    assert after_run((closed,), (), Judged(lines=frozenset({LINE}))) == ()


def test_only_what_is_not_closed_by_itself_is_explained() -> None:
    """
    What a read or later evidence has closed stays so; what a person resolved is explained after a re-issue.
    """
    for state in (DiscrepancyState.HEALED, DiscrepancyState.EXPLAINED):
        assert in_state(state).explained("later") == in_state(state)
    resolved = in_state(DiscrepancyState.RESOLVED).explained("later")
    assert (resolved.state, resolved.closed_by) == (DiscrepancyState.EXPLAINED, "later")


def test_money_and_age_make_the_order() -> None:
    """
    What is overdue comes first, then paise times days; what is closed has no priority.
    """
    old = in_state(DiscrepancyState.OPEN)
    large = Discrepancy.of(replace(FINDING, ref="B", difference_paise=-5_000_00), MONDAY, CALENDAR)
    small = Discrepancy.of(replace(FINDING, ref="C", difference_paise=1), MONDAY, CALENDAR)
    now = datetime(2026, 11, 18, 4, tzinfo=UTC)

    ordered = sorted((small, large, old), key=lambda each: each.priority(now), reverse=True)

    assert [each.finding.ref for each in ordered] == [FINDING.ref, "B", "C"]
    assert old.priority(now) == (True, 649_00 * 5)
    closed = replace(old, state=DiscrepancyState.RESOLVED)
    assert not closed.is_overdue(now)
    assert closed.priority(now) < replace(small, finding=FINDING).priority(MONDAY)


def test_the_id_stands_for_the_identity() -> None:
    """
    The same one whatever else a later run sees, and another one for each part of the identity.
    """
    first = Discrepancy.of(FINDING, SATURDAY, CALENDAR)
    (later,) = after_run((first,), (replace(FINDING, difference_paise=1, lines=()),))
    parts: list[dict[str, object]] = [
        {"type": DiscrepancyType.AMOUNT_MISMATCH, "cause": Cause.GROSS_DIFFERS},
        {"subject": Subject.PAYMENT},
        {"ref": "another"},
        {"ref": FINDING.settlement, "settlement": FINDING.ref},
    ]
    others = {replace(FINDING, **part).key.id for part in parts}  # type: ignore[arg-type]

    assert first.id == later.id == FINDING.key.id
    assert len(first.id) == 20
    assert first.id.startswith("DC")
    assert len(others | {first.id}) == 5
