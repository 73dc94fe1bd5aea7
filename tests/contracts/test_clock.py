"""Both clocks keep the contract, and the machine's holds still when it is set back."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.system.clock import SystemClock
from contracts.clock_contract import ClockContract
from fakes.clock import NOON, StoppedClock

HOUR = timedelta(hours=1)


class TestStoppedClock(ClockContract):
    @pytest.fixture
    def clock(self) -> StoppedClock:
        return StoppedClock()


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


def test_a_machine_set_back_does_not_turn_time() -> None:
    """
    While the machine is behind, the clock repeats its last answer; then it goes on.
    """
    readings = iter([NOON, NOON, NOON - timedelta(hours=1), NOON + timedelta(seconds=1)])
    clock = SystemClock(readings.__next__, lambda: 0.0)

    assert [NOON, NOON, NOON + timedelta(seconds=1)] == [clock.now() for _ in range(3)]


def test_a_jump_that_was_taken_back_is_forgotten() -> None:
    """
    The process is not an hour ahead for an hour: every token would be over for it meanwhile.
    """
    gone = iter([0.0, 2.0, 3.0])
    readings = iter([NOON, NOON + HOUR, NOON + timedelta(seconds=2), NOON + timedelta(seconds=1)])
    clock = SystemClock(readings.__next__, gone.__next__)

    assert [NOON + HOUR, *[NOON + timedelta(seconds=2)] * 2] == [clock.now() for _ in range(3)]


def test_the_machine_is_asked() -> None:
    """
    Without another reading it is the time of this machine.
    """
    before = datetime.now(UTC)

    assert before <= SystemClock().now() <= datetime.now(UTC)
