"""What any count of the calls to the bank must do: add up what processes bring, and tell it by operation."""

from datetime import timedelta
from typing import Final

from contracts.storage import Storage
from domain.monitoring.time_histogram import step_of
from fakes.clock import NOON
from ports.monitoring.gateway_calls import CallResult, OperationFigures, TimedCall
from ports.payments.payment_gateway import GatewayOperation

QUARTER: Final = timedelta(minutes=15)
QUICK: Final = TimedCall(GatewayOperation.READ_ORDER, CallResult.ANSWERED, step_of(100))
SLOW: Final = TimedCall(GatewayOperation.READ_ORDER, CallResult.SILENT, step_of(6000))
REFUND: Final = TimedCall(GatewayOperation.REFUND, CallResult.DENIED, step_of(100))


async def figures(storage: Storage) -> dict[GatewayOperation, OperationFigures]:
    return {
        each.operation: each for each in await storage.gateway_calls.figures(NOON, NOON + QUARTER)
    }


class GatewayCallsContract:
    async def test_calls_add_up(self, storage: Storage) -> None:
        """
        Whichever process brings them, in whichever order.
        """
        await storage.gateway_calls.add({SLOW: 2, QUICK: 18}, NOON)
        await storage.gateway_calls.add({QUICK: 1, REFUND: 3}, NOON + QUARTER / 2)
        seen = await figures(storage)

        reads = seen[GatewayOperation.READ_ORDER]
        assert reads.results == {CallResult.ANSWERED: 19, CallResult.SILENT: 2}
        assert reads.times == {QUICK.step: 19, SLOW.step: 2}
        assert (reads.calls, reads.in_vain) == (21, 2)
        assert reads.p95
        assert abs(reads.p95 / timedelta(seconds=6) - 1) < 0.05
        assert seen[GatewayOperation.REFUND].results == {CallResult.DENIED: 3}

    async def test_other_times_are_left_out(self, storage: Storage) -> None:
        """
        What was called before or after is of another quarter; without a call there is no time.
        """
        await storage.gateway_calls.add({QUICK: 1}, NOON - timedelta(microseconds=1))
        await storage.gateway_calls.add({QUICK: 1}, NOON + QUARTER)
        seen = await figures(storage)

        assert set(seen) == set(GatewayOperation)
        assert [(each.calls, each.p95) for each in seen.values()] == [(0, None)] * 3
