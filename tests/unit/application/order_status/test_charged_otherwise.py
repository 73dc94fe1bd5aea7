"""Another amount than the price goes back by itself, and the course can be bought meanwhile."""

from dataclasses import replace

import pytest

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict, ReviewReason
from domain.payments.payment_state import State
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import MemoryWorld
from worlds.refund_requests import poll_refunds_after

TAKEN = Money(900_00)


async def test_another_amount_goes_back_and_the_course_is_free(world: MemoryWorld) -> None:
    """
    The refund is sent once and ends the review; no invoice or credit note is issued, no course opened.
    """
    first = await world.begin_payment()
    world.gateway.pay(first.id)
    known = world.gateway.orders[first.id].facts
    world.gateway.answer(first.id, replace(known, amount=TAKEN))
    await world.deliver_webhook(first.id)
    assert world.payment(first.id).state is State.FAILED

    second = await world.begin_payment()
    assert (second.state, second.id != first.id) == (State.PENDING, True)
    world.gateway.refunds_end(RefundVerdict.PAID)
    await poll_refunds_after(world)
    await world.deliver_webhook(first.id)

    ended = world.payment(first.id)
    assert world.gateway.calls[GatewayOperation.REFUND] == 1
    assert (ended.refunds.went_back, bool(ended.review)) == (TAKEN, False)
    while await world.relay_outbox():
        pass
    assert world.memory.store.documents == []
    assert world.memory.store.enrolments == {}
    assert {row.state for row in world.memory.store.outbox.values()} == {"done"}


@pytest.mark.parametrize("currency", ["USD"])
async def test_another_currency_is_never_told_in_rupees(world: MemoryWorld, currency: str) -> None:
    """
    The bank's own refund is taken up; no email or document speaks of it.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    known = world.gateway.orders[payment.id].facts
    world.gateway.answer(payment.id, replace(known, currency=currency))
    world.gateway.refund_outside(
        payment.id, RefundId("AR1"), payment.quote.payable, RefundVerdict.PAID
    )

    now = await world.deliver_webhook(payment.id)

    assert (now.state, set(now.review.reasons)) == (State.FAILED, {ReviewReason.REFUND_OUTSIDE})
    assert world.dead_letters == []
