"""A period is closed when it is over, once, and by somebody."""

from datetime import date, timedelta

import pytest

from application.ledger.close_ledger import CloseLedger, PeriodNotOver
from domain.business_day import business_day_of
from fakes.clock import NOON, StoppedClock
from fakes.memory import Memory
from fakes.samples import BY_STAFF
from ports.ledger.ledger_periods import PeriodClosed

TODAY = business_day_of(NOON)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def close(memory: Memory) -> CloseLedger:
    return CloseLedger(memory.ledger_periods, StoppedClock())


async def test_what_is_over_can_be_closed(memory: Memory, close: CloseLedger) -> None:
    """
    Up to yesterday, with who did it in the trail; a second time is refused.
    """
    await close(YESTERDAY, BY_STAFF)

    assert await memory.ledger_periods.closed_through() == YESTERDAY
    (line,) = memory.store.audit
    assert (line.action, line.origin, line.facts) == (
        "ledger.closed",
        BY_STAFF,
        {"through": YESTERDAY.isoformat()},
    )
    with pytest.raises(PeriodClosed):
        await close(YESTERDAY, BY_STAFF)


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(days=1)])
async def test_what_is_not_over_stays_open(memory: Memory, close: CloseLedger, day: date) -> None:
    """
    Today's sales have still to be posted.
    """
    with pytest.raises(PeriodNotOver) as refusal:
        await close(day, BY_STAFF)

    assert refusal.value.through == day
    assert await memory.ledger_periods.closed_through() is None
