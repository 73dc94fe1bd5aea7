"""Calls are counted in memory and written now and then; a database that is away loses none."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from application.monitoring.keep_calls import KeepCalls
from domain.errors import ChangedMeanwhile, DomainError
from domain.monitoring.time_histogram import step_of
from fakes.clock import NOON, StoppedClock
from fakes.memory import Memory
from fakes.monitoring.gateway_calls import MemoryGatewayCalls
from ports.monitoring.gateway_calls import CallResult, TimedCall
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable

READ = GatewayOperation.READ_ORDER
QUICK = TimedCall(READ, CallResult.ANSWERED, step_of(90))


class Away(MemoryGatewayCalls):
    """A register that cannot be written to."""

    why: type[DomainError] = StorageUnavailable

    async def add(self, calls: Mapping[TimedCall, int], at: datetime) -> None:
        raise self.why(f"{len(calls)} at {at}")


class Contended(Away):
    """A register of which somebody else holds the rows."""

    why: type[DomainError] = ChangedMeanwhile


async def test_calls_are_written_once() -> None:
    """
    All that were made since the last time, and nothing when there were none.
    """
    memory = Memory()
    keep = KeepCalls(memory.gateway_calls, StoppedClock())
    for _ in range(2):
        keep.observe(READ, CallResult.ANSWERED, 90)

    assert [await keep(), await keep()] == [0, 0]
    assert memory.store.gateway_calls == [(NOON, {QUICK: 2})]


@pytest.mark.parametrize("register", [Away, Contended])
async def test_what_could_not_be_written_is_kept(register: type[Away]) -> None:
    """
    Together with what comes meanwhile.
    """
    memory = Memory()
    keep = KeepCalls(register(memory.store), StoppedClock())
    keep.observe(READ, CallResult.ANSWERED, 90)
    with pytest.raises(register.why):
        await keep()
    keep.observe(READ, CallResult.ANSWERED, 90)
    keep.kept = memory.gateway_calls
    await keep()

    assert memory.store.gateway_calls == [(NOON, {QUICK: 2})]
