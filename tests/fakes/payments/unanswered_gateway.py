"""First requests for a page whose answer nobody heard."""

import pytest

from adapters.fake.script import Fault, Operation
from ports.payments.payment_gateway import GatewayUnclear
from worlds.memory import KEY, Academy

OPEN = Operation.CREATE_SESSION


class Died(BaseException):
    """The process ends here; nothing after it runs."""


async def opened_unheard(academy: Academy) -> None:
    """The first request's answer was lost; the bank knows the order."""
    academy.gateway.fail_next(OPEN, Fault.UNCLEAR_AFTER)
    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY)


async def died_while_opening(academy: Academy) -> None:
    """The first request's process died between writing its intent and asking the bank."""

    def die() -> None:
        raise Died

    guard, academy.gateway.guard = academy.gateway.guard, die
    with pytest.raises(Died):
        await academy.opens(key=KEY)
    academy.gateway.guard = guard
