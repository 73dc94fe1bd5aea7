"""A guard around any bank whose time is the test's clock, whose chance is fixed, and which never really waits."""

from datetime import timedelta
from typing import Final

from adapters.breaker.circuit import CircuitPolicy
from adapters.breaker.gateway import CircuitBreakerGateway
from ports.clock import Clock
from ports.payments.payment_gateway import PaymentGateway

SILENCES_MAX: Final = 3
OPEN_FOR: Final = timedelta(seconds=10)


def guarded(
    gateway: PaymentGateway, clock: Clock, failure_threshold: int = SILENCES_MAX
) -> CircuitBreakerGateway:
    """Return *gateway* left alone for ``OPEN_FOR`` by *clock* after *failure_threshold* failures in a row."""

    async def pause(_: float) -> None:
        pass

    return CircuitBreakerGateway(
        gateway=gateway,
        circuit_policy=CircuitPolicy(failure_threshold=failure_threshold, open_for=OPEN_FOR),
        now=lambda: clock.now().timestamp(),
        chance=lambda: 1.0,
        pause=pause,
    )
