"""Idempotency keys are forgotten some days after they were used last."""

from dataclasses import replace
from datetime import timedelta

from application.checkout.forget_keys import BATCH_MAX, KEYS_KEPT, ForgetKeys
from worlds.memory import KEY, MemoryWorld


async def test_a_key_answers_for_longer_than_is_promised(world: MemoryWorld) -> None:
    """
    The same request gets the same payment, until its key is forgotten.
    """
    forget = ForgetKeys(world.memory.idempotency_records, world.clock)
    first = await world.begin_payment(key=KEY)
    until = world.memory.store.idempotency[KEY].locked_until
    assert timedelta(days=1) < KEYS_KEPT

    world.clock.move(until + KEYS_KEPT - world.clock.now())
    assert await forget() == 0
    assert (await world.begin_payment(key=KEY)).id == first.id

    world.clock.move(timedelta(microseconds=1))
    assert await forget() == 1
    assert not world.memory.store.idempotency


async def test_all_are_forgotten_in_one_run(world: MemoryWorld) -> None:
    """
    However many batches that takes.
    """
    await world.begin_payment(key=KEY)
    records = world.memory.store.idempotency
    known = records[KEY]
    for number in range(BATCH_MAX):
        key = replace(KEY, key=str(number))
        records[key] = replace(known, key=key)
    world.clock.move(KEYS_KEPT + timedelta(days=1))

    assert await ForgetKeys(world.memory.idempotency_records, world.clock)() == BATCH_MAX + 1
