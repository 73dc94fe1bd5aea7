"""A repeated request has the same answer, and begins no second payment."""

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
    first = await world.begin_payment(key=KEY)
    world.clock.move(timedelta(hours=1))

    again = await world.begin_payment(key=KEY)

    assert (first.id, first.gateway_order) == (again.id, again.gateway_order)
    assert world.gateway.calls[OPEN] == 1


async def test_another_body_under_the_same_key_is_refused(world: MemoryWorld) -> None:
    """
    A key stands for one request.
    """
    await world.begin_payment(key=KEY)

    with pytest.raises(IdempotencyKeyReused):
        await world.begin_payment(key=KEY, body="b")


async def test_a_claimed_key_is_in_use(world: MemoryWorld) -> None:
    """
    The second request of a double click is refused, with the time to wait.
    """
    busy: list[IdempotencyKeyInUse] = []

    async def double_click() -> None:
        with pytest.raises(IdempotencyKeyInUse) as caught:
            await world.begin_payment(key=KEY)
        busy.append(caught.value)

    world.gateway.meanwhile.append(double_click)
    await world.begin_payment(key=KEY)

    assert busy[0].retry_after == CALL_MAX


async def test_a_double_click_begins_one_payment(world: MemoryWorld) -> None:
    """
    Both run at once: one payment is begun, whichever of them is refused.
    """
    outcomes = await asyncio.gather(
        *(world.begin_payment(key=KEY) for _ in range(3)), return_exceptions=True
    )

    (payment,) = world.memory.store.payments
    assert {each.id if isinstance(each, Payment) else type(each) for each in outcomes} <= {
        payment,
        IdempotencyKeyInUse,
    }
