"""Both clocks keep the contract, and the machine's holds still when it is set back."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.system.clock import SystemClock
from contracts.clock_contract import ClockContract
from fakes.clock import NOON, StoppedClock


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
    readings = iter([NOON, NOON - timedelta(hours=1), NOON + timedelta(seconds=1)])
    clock = SystemClock(readings.__next__)

    assert [NOON, NOON, NOON + timedelta(seconds=1)] == [clock.now() for _ in range(3)]


def test_the_machine_is_asked() -> None:
    """
    Without another reading it is the time of this machine.
    """
    before = datetime.now(UTC)

    assert before <= SystemClock().now() <= datetime.now(UTC)
