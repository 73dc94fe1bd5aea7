"""Calls are counted in memory and written now and then; a database that is away loses none."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from application.monitoring.keep_calls import KeepCalls
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
    """A register that cannot be reached."""

    async def add(self, calls: Mapping[TimedCall, int], at: datetime) -> None:
        raise StorageUnavailable(f"{len(calls)} at {at}")


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


async def test_what_could_not_be_written_is_kept() -> None:
    """
    Together with what comes meanwhile.
    """
    memory = Memory()
    keep = KeepCalls(Away(memory.store), StoppedClock())
    keep.observe(READ, CallResult.ANSWERED, 90)
    with pytest.raises(StorageUnavailable):
        await keep()
    keep.observe(READ, CallResult.ANSWERED, 90)
    keep.kept = memory.gateway_calls
    await keep()

    assert memory.store.gateway_calls == [(NOON, {QUICK: 2})]
