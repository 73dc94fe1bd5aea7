"""The invariants are checked as of now, each by itself, and whatever is wrong is told."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from application.monitoring.check_invariants import (
    CheckInvariants,
    Findings,
    WatchInvariants,
    last_night,
)
from fakes.alerts import AlertBook
from fakes.clock import NOON, StoppedClock
from fakes.monitoring.money_invariants import ToldInvariants
from ports.alerts import Alert, AlertKind
from ports.monitoring.money_invariants import Breach, Invariant, Unchecked
from ports.unit_of_work import StorageUnavailable


def invariant(name: str) -> Invariant:
    return Invariant(name=name, means="Sold twice.", remedy="Refund one.")


BREACH: Final = Breach(invariant=invariant("two_sales"), count=1, subjects=("SK1",))
LATE: Final = Unchecked(invariant=invariant("slow"), why="its time limit has passed")
TOLD: Final = Alert(
    kind=AlertKind.INVARIANT_BROKEN,
    subject="two_sales",
    facts={"reason": "Sold twice.", "count": "1", "entry": "SK1"},
)


async def test_what_is_broken_is_returned() -> None:
    """
    As the database answers, at the instant of the clock.
    """
    told = ToldInvariants([BREACH])

    assert await CheckInvariants(told, StoppedClock())() == Findings(broken=[BREACH], unchecked=[])
    assert told.asked == [("two_sales", NOON, True)]


async def test_one_that_fails_takes_nothing_from_the_others() -> None:
    """
    One raises before the breach is found, and one has no time left after it; each is told by itself.
    """
    first = invariant("first")
    told = ToldInvariants(
        [BREACH], [LATE], failing={"first": StorageUnavailable("away")}, holding=[first]
    )

    assert await CheckInvariants(told, StoppedClock())() == Findings(
        broken=[BREACH], unchecked=[Unchecked(invariant=first, why="StorageUnavailable"), LATE]
    )


async def test_a_person_is_called_for_each_breach() -> None:
    """
    Once a round, with what it means, how many, and which; by what has changed alone.
    """
    book, told = AlertBook(), ToldInvariants([BREACH])

    assert await WatchInvariants(CheckInvariants(told, StoppedClock()), book).changes() == 0

    assert book.called == [TOLD]
    assert told.asked == [("two_sales", NOON, False)]


async def test_a_person_is_called_for_what_could_not_be_checked() -> None:
    """
    Silence would say that the invariant holds.
    """
    book, told = AlertBook(), ToldInvariants([BREACH], [LATE])

    await WatchInvariants(CheckInvariants(told, StoppedClock()), book).changes()

    assert book.called == [
        TOLD,
        Alert(
            kind=AlertKind.INVARIANT_UNCHECKED,
            subject="slow",
            facts={"reason": "its time limit has passed"},
        ),
    ]


async def test_no_alert_when_all_invariants_hold() -> None:
    """
    They were checked all the same.
    """
    book, told = AlertBook(), ToldInvariants(holding=[invariant("fine")])

    await WatchInvariants(CheckInvariants(told, StoppedClock()), book).changes()

    assert book.called == []
    assert told.asked == [("fine", NOON, False)]


async def test_a_full_check_is_made_once_a_night() -> None:
    """
    Whoever asks again the same day finds nothing to do, and the next night everything.
    """
    book, told, clock = AlertBook(), ToldInvariants([BREACH]), StoppedClock()
    watch = WatchInvariants(CheckInvariants(told, clock), book)

    assert await watch.all() == 0
    assert await watch.all() == 0
    assert told.asked == [("two_sales", NOON, True)]
    assert book.called == [TOLD]

    clock.move(timedelta(days=1))
    await watch.all()
    assert len(told.asked) == 2


async def test_a_full_check_that_failed_is_made_again() -> None:
    """
    The next hour finds it open still; what the others found is told meanwhile.
    """
    book, told = AlertBook(), ToldInvariants([BREACH], [LATE])
    watch = WatchInvariants(CheckInvariants(told, StoppedClock()), book)

    await watch.all()
    await watch.all()

    assert [name for name, *_ in told.asked] == ["two_sales", "slow", "slow"]
    assert [each.kind for each in book.called] == [
        AlertKind.INVARIANT_BROKEN,
        AlertKind.INVARIANT_UNCHECKED,
        AlertKind.INVARIANT_UNCHECKED,
    ]


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2026-08-03T20:29", "2026-08-02T20:30"),
        ("2026-08-03T20:30", "2026-08-03T20:30"),
        ("2026-08-04T20:29", "2026-08-03T20:30"),
        ("2026-08-03T18:31", "2026-08-02T20:30"),
    ],
)
def test_the_night_begins_at_two_in_india(at: str, night: str) -> None:
    """
    At 20:30 UTC, also when the day there is another one already.
    """
    assert last_night(_utc(at)) == _utc(night)


def _utc(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)
