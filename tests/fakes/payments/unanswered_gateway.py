"""First requests for a session whose answer was lost."""

from dataclasses import replace

import pytest

from adapters.fake.script import Fault
from ports.payments.payment_gateway import GatewayOperation, GatewayOutcomeUnknown
from worlds.memory import KEY, MemoryWorld

OPEN = GatewayOperation.CREATE_SESSION


class Died(BaseException):
    """The process ends here; nothing after it runs."""


async def created_without_answer(world: MemoryWorld) -> None:
    """The first request's answer was lost; the bank knows the order."""
    world.gateway.fail_next(OPEN, Fault.LOST_ANSWER)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment(key=KEY)


async def died_after_creating(world: MemoryWorld) -> None:
    """The first request's process died before it could note that the answer was lost; the bank knows the order."""
    await created_without_answer(world)
    payments = world.memory.store.payments
    payments.update(
        {each.id: replace(each, session_unanswered=False) for each in payments.values()}
    )


async def died_before_creating(world: MemoryWorld) -> None:
    """The first request's process died between writing its intent and asking the bank."""

    def die() -> None:
        raise Died

    guard, world.gateway.guard = world.gateway.guard, die
    with pytest.raises(Died):
        await world.begin_payment(key=KEY)
    world.gateway.guard = guard
