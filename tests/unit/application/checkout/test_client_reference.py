"""A payment bears the platform's reference, and so does every further one of the same purchase."""

from dataclasses import replace

import pytest

from adapters.fake.script import Outcome
from domain.payments.client_reference import (
    ClientReference,
    ClientReferenceConflict,
    ClientReferenceUsed,
)
from domain.payments.payment import Student
from domain.payments.payment_state import State
from fakes.samples import ASHA, RAVI
from worlds.memory import MemoryWorld

ORDER = "order-4711"


async def test_a_further_payment_of_the_purchase_bears_it_too(world: MemoryWorld) -> None:
    """
    After a failure the student may begin anew or try again: the platform finds all of it by its number.
    """
    first = await world.begin_payment(reference=ORDER)
    world.gateway.pay(first.id, Outcome.FAILURE)
    await world.deliver_webhook(first.id)
    second = await world.begin_payment(reference=ORDER)
    world.gateway.pay(second.id, Outcome.FAILURE)
    await world.deliver_webhook(second.id)

    third = await world.retry_payment(second.id)

    assert first.client_reference == ClientReference(ORDER)
    assert second.client_reference == third.client_reference == ClientReference(ORDER, first.id)


@pytest.mark.parametrize(("who", "course"), [(RAVI, "algebra"), (ASHA, "music")])
async def test_another_purchase_needs_another(
    world: MemoryWorld, who: Student, course: str
) -> None:
    """
    Whatever became of the first payment; nothing is begun.
    """
    world.add_course("music")
    first = await world.begin_payment(reference=ORDER)

    with pytest.raises(ClientReferenceUsed) as refused:
        await world.begin_payment(who, course=course, reference=ORDER)

    assert (refused.value.payment, refused.value.reason) == (
        first.id,
        ClientReferenceConflict.OTHER_PURCHASE,
    )
    assert list(world.memory.store.payments) == [first.id]


async def test_what_was_sold_is_not_sold_again_under_it(world: MemoryWorld) -> None:
    """
    The course was closed after a refund: who buys it again has another order, by a retry as well.
    """
    failed = await world.begin_payment(reference=ORDER)
    world.gateway.pay(failed.id, Outcome.FAILURE)
    await world.deliver_webhook(failed.id)
    sold = await world.begin_payment(reference=ORDER)
    world.gateway.pay(sold.id)
    await world.deliver_webhook(sold.id)
    store = world.memory.store
    store.enrolments[sold.id] = replace(store.enrolments[sold.id], until=world.clock.now())

    for begin in (world.begin_payment(reference=ORDER), world.retry_payment(failed.id)):
        with pytest.raises(ClientReferenceUsed) as refused:
            await begin
        assert refused.value.reason is ClientReferenceConflict.SOLD
    assert (await world.begin_payment(reference="order-4712")).state is State.PENDING
