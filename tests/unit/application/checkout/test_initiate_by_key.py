"""A repeated request has the same answer, and begins no second payment."""

import asyncio
from datetime import timedelta

import pytest

from application.checkout.idempotency import WAIT_MAX, WAIT_MIN
from domain.payments.payment import Payment
from fakes.samples import RAVI, a_code
from ports.idempotency import IdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import CALL_MAX, KEY, MemoryWorld, purchase

OPEN = GatewayOperation.CREATE_SESSION
RAVIS_KEY = IdempotencyKey(student=RAVI.id, route="initiate", key="k-1")


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
    The second request of a double click is refused, and may be sent again after a second.
    """
    busy: list[IdempotencyKeyInUse] = []

    async def double_click() -> None:
        with pytest.raises(IdempotencyKeyInUse) as caught:
            await world.begin_payment(key=KEY)
        busy.append(caught.value)

    world.gateway.meanwhile.append(double_click)
    await world.begin_payment(key=KEY)

    assert busy[0].retry_after == WAIT_MIN


async def test_the_time_to_wait_grows_with_the_time_that_the_first_request_takes(
    world: MemoryWorld,
) -> None:
    """
    As long again as it has run, within bounds, and never longer than its claim on the key.
    """
    waits: list[timedelta] = []

    async def repeats() -> None:
        for passed in (0, 1, 2, 4, 32, CALL_MAX.total_seconds() - 5):
            world.clock.move(begun + timedelta(seconds=passed) - world.clock.now())
            with pytest.raises(IdempotencyKeyInUse) as caught:
                await world.begin_payment(key=KEY)
            waits.append(caught.value.retry_after)

    begun = world.clock.now()
    world.gateway.meanwhile.append(repeats)
    await world.begin_payment(key=KEY)

    assert waits == [WAIT_MIN, *(timedelta(seconds=each) for each in (1, 2, 4, 16, 5))]
    assert max(waits) == WAIT_MAX


async def test_only_a_repeat_is_told_as_one(world: MemoryWorld) -> None:
    """
    The first answer is none, nor is that of a course that costs nothing; every later one with the key is.
    """
    world.add_code(a_code("FREE", percent=100))
    for command in (purchase(key=KEY), purchase(RAVI, code="FREE", key=RAVIS_KEY)):
        first = await world.initiate.answer(command)
        again = await world.initiate.answer(command)

        assert (first.replayed, again.replayed) == (False, True)
        assert first.payment.id == again.payment.id


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
