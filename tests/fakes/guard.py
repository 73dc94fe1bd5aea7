"""A guard around any bank whose time is the test's clock, whose chance is fixed, and which never really waits."""

from datetime import timedelta
from typing import Final

from adapters.breaker.circuit import Patience
from adapters.breaker.gateway import GuardedGateway
from ports.clock import Clock
from ports.payments.payment_gateway import PaymentGateway

SILENCES_MAX: Final = 3
REST: Final = timedelta(seconds=10)


def guarded(
    gateway: PaymentGateway, clock: Clock, silences_max: int = SILENCES_MAX
) -> GuardedGateway:
    """Return *gateway* left alone for ``REST`` by *clock* after *silences_max* silences in a row."""

    async def pause(_: float) -> None:
        pass

    return GuardedGateway(
        gateway=gateway,
        patience=Patience(silences_max=silences_max, rest=REST),
        now=lambda: clock.now().timestamp(),
        chance=lambda: 1.0,
        pause=pause,
    )
