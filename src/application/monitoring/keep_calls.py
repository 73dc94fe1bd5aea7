"""The calls to the bank that this process made, added to those of all processes."""

from collections import Counter
from dataclasses import dataclass, field

from domain.errors import DomainError
from domain.monitoring.time_histogram import step_of
from ports.clock import Clock
from ports.monitoring.gateway_calls import CallResult, GatewayCalls, TimedCall
from ports.payments.payment_gateway import GatewayOperation


@dataclass(slots=True)
class KeepCalls:
    """Counts in memory between two writes; what a killed process had not written yet is lost."""

    kept: GatewayCalls
    clock: Clock
    _counted: Counter[TimedCall] = field(default_factory=Counter)

    def observe(self, operation: GatewayOperation, result: CallResult, milliseconds: int) -> None:
        """Count one call."""
        self._counted[TimedCall(operation, result, step_of(milliseconds))] += 1

    async def __call__(self) -> int:
        """
        Write what was counted; return 0: nothing is left to do.

        What could not be written is kept for the next time. Raises ``StorageUnavailable``.
        """
        taken, self._counted = self._counted, Counter()
        if not taken:
            return 0
        try:
            await self.kept.add(taken, self.clock.now())
        except DomainError:
            self._counted.update(taken)
            raise
        return 0
