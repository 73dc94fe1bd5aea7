"""The invariants are checked as of now."""

from application.monitoring.check_invariants import CheckInvariants, WatchInvariants
from fakes.alerts import AlertBook
from fakes.clock import NOON, StoppedClock
from fakes.monitoring.money_invariants import ToldInvariants
from ports.alerts import Alert, AlertKind
from ports.monitoring.money_invariants import Breach, Invariant

BREACH = Breach(
    invariant=Invariant(name="two_sales", means="Sold twice.", remedy="Refund one."),
    count=1,
    subjects=("SK1",),
)


async def test_what_is_broken_is_returned() -> None:
    """
    As the database answers, at the instant of the clock.
    """
    told = ToldInvariants([BREACH])

    assert await CheckInvariants(told, StoppedClock())() == [BREACH]
    assert told.asked_at == [NOON]


async def test_a_person_is_called_for_each_breach() -> None:
    """
    Once a round, with what it means, how many, and which.
    """
    book = AlertBook()

    handled = await WatchInvariants(
        CheckInvariants(ToldInvariants([BREACH]), StoppedClock()), book
    )()

    assert handled == 0
    assert book.called == [
        Alert(
            kind=AlertKind.INVARIANT_BROKEN,
            subject="two_sales",
            facts={"reason": "Sold twice.", "count": "1", "entry": "SK1"},
        )
    ]


async def test_no_alert_when_all_invariants_hold() -> None:
    """
    They were checked all the same.
    """
    book, told = AlertBook(), ToldInvariants()

    await WatchInvariants(CheckInvariants(told, StoppedClock()), book)()

    assert book.called == []
    assert told.asked_at == [NOON]
