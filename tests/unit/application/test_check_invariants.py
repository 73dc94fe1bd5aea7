"""The books are looked at as they are now."""

from application.check_invariants import CheckInvariants
from fakes.clock import NOON, StoppedClock
from fakes.money_invariants import ToldInvariants
from ports.money_invariants import Breach, Invariant

BREACH = Breach(
    invariant=Invariant(name="two_sales", means="Sold twice.", mends="Refund one."),
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
