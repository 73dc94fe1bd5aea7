"""The same question again has the same answer, and opens nothing again."""

import asyncio
from datetime import timedelta

import pytest

from domain.payments.payment import Payment
from ports.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import CALL_MAX, KEY, MemoryWorld

OPEN = GatewayOperation.CREATE_SESSION


async def test_the_same_key_has_the_same_answer(world: MemoryWorld) -> None:
    """
    One payment, one session at the bank, also long after.
    """
    first = await world.opens(key=KEY)
    world.clock.move(timedelta(hours=1))

    again = await world.opens(key=KEY)

    assert (first.id, first.gateway_order) == (again.id, again.gateway_order)
    assert world.gateway.calls[OPEN] == 1


async def test_another_body_under_the_same_key_is_refused(world: MemoryWorld) -> None:
    """
    A key stands for one request.
    """
    await world.opens(key=KEY)

    with pytest.raises(IdempotencyKeyReused):
        await world.opens(key=KEY, body="b")


async def test_a_key_at_work_is_busy(world: MemoryWorld) -> None:
    """
    The second of a double click is told to wait, and for how long.
    """
    busy: list[IdempotencyKeyInUse] = []

    async def double_click() -> None:
        with pytest.raises(IdempotencyKeyInUse) as caught:
            await world.opens(key=KEY)
        busy.append(caught.value)

    world.gateway.meanwhile.append(double_click)
    await world.opens(key=KEY)

    assert busy[0].retry_after == CALL_MAX


async def test_a_double_click_opens_one_payment(world: MemoryWorld) -> None:
    """
    Side by side, to the unit: one payment comes of it, whoever is told to wait.
    """
    outcomes = await asyncio.gather(
        *(world.opens(key=KEY) for _ in range(3)), return_exceptions=True
    )

    (payment,) = world.memory.store.payments
    assert {each.id if isinstance(each, Payment) else type(each) for each in outcomes} <= {
        payment,
        IdempotencyKeyInUse,
    }
