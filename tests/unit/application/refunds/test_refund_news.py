"""Refund news without room is read again when room comes, however the amount becomes free."""

from datetime import timedelta
from typing import Final

import pytest

from adapters.fake.script import Fault
from application.evidence.poll_orders import PollOrders
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict, ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.polling_schedule import SCHEDULE
from domain.payments.refund import Refund
from fakes.samples import BY_STAFF
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import MemoryWorld
from worlds.refund_requests import ask_refund, poll_refunds_after, reject_refund

PRICE: Final = Money(1180_00)
PART: Final = Money(60_00)
DASHBOARD: Final = RefundId("AR1")
MINUTE: Final = timedelta(minutes=1)


async def held_back(world: MemoryWorld) -> tuple[Payment, Refund]:
    """Return a payment that went back at the bank in full, while a request for a part of it waits here."""
    sold = await world.paid_payment()
    world.approve_alone_up_to(Money(0))
    waiting = await ask_refund(world, sold.id, PART.paise)
    world.gateway.refund_outside(sold.id, DASHBOARD, PRICE, RefundVerdict.PAID)
    return await world.deliver_webhook(sold.id, "ORDER_REFUNDED"), waiting


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_a_rejection_reads_the_order_again(world: MemoryWorld, *, withdrawn: bool) -> None:
    """
    All went back in the bank's dashboard: refunded, the course closed, a credit note; no review is left of it.
    """
    payment, waiting = await held_back(world)
    assert (payment.state, set(payment.review.reasons)) == (
        State.SUCCESS,
        {ReviewReason.REFUNDS_EXCEED},
    )
    assert await world.poll_orders() == 0

    by = {"by": BY_STAFF} if withdrawn else {}
    await reject_refund(world, payment.id, waiting.id, **by)
    assert await world.poll_orders() == 1

    now = world.payment(payment.id)
    assert (now.state, set(now.review.reasons)) == (State.REFUNDED, {ReviewReason.REFUND_OUTSIDE})
    assert world.memory.store.owner(now.student.id, now.course) is None
    tasks = [(row.task.value, row.subject) for row in world.memory.store.outbox.values()]
    assert ("credit_note", DASHBOARD) in tasks
    assert payment.id not in world.memory.store.order_polls
    (line,) = world.audited("refund.not_applied")
    assert line.facts == {"refund": DASHBOARD, "amount": "1180.00", "why": "refunds_exceed"}


async def test_a_refusal_by_the_bank_reads_the_order_again(world: MemoryWorld) -> None:
    """
    A request that the bank never took held the amount.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.DOWN)
    await ask_refund(world, sold.id, PART.paise)
    world.gateway.refund_outside(sold.id, DASHBOARD, PRICE, RefundVerdict.PAID)
    held = await world.deliver_webhook(sold.id)
    assert held.review.reasons == {ReviewReason.REFUNDS_EXCEED}

    world.gateway.fail_next(GatewayOperation.REFUND, Fault.REFUSED)
    await poll_refunds_after(world)
    await world.poll_orders()

    assert world.payment(sold.id).state is State.REFUNDED


async def test_a_bank_that_does_not_answer_is_asked_again(world: MemoryWorld) -> None:
    """
    As long as for any payment; then its poll is dead, and the review stays.
    """
    payment, waiting = await held_back(world)
    await reject_refund(world, payment.id, waiting.id)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)
    assert await world.poll_orders() == 1
    assert world.memory.store.order_polls[payment.id].state == "open"

    world.clock.move(MINUTE)
    assert await world.poll_orders() == 1

    assert world.payment(payment.id).state is State.REFUNDED


async def test_an_answer_without_the_refund_ends_no_waiting(world: MemoryWorld) -> None:
    """
    The bank leaves it out of one answer; it is asked on, to the end of the schedule.
    """
    payment, waiting = await held_back(world)
    world.gateway.orders[payment.id].refunds.known.clear()
    await reject_refund(world, payment.id, waiting.id)

    assert await world.poll_orders() == 1
    assert world.memory.store.order_polls[payment.id].state == "open"
    world.clock.move(SCHEDULE[-1])
    assert await world.poll_orders() == 1
    assert world.memory.store.order_polls[payment.id].state == "dead"
    assert ReviewReason.REFUNDS_EXCEED in world.payment(payment.id).review


async def test_the_poller_leaves_a_payment_without_room_alone(world: MemoryWorld) -> None:
    """
    Nothing would come of it.
    """
    payment, _ = await held_back(world)
    poll_orders: PollOrders = world.poll_orders

    world.clock.move(timedelta(days=1))

    assert await poll_orders() == 0
    assert not world.payment(payment.id).awaits_refund_news


async def test_a_pending_refund_that_one_answer_leaves_out_is_not_sent_again(
    world: MemoryWorld,
) -> None:
    """
    The bank has it: its list may be cut. The next answer ends it.
    """
    sold = await world.paid_payment()
    refund = await ask_refund(world, sold.id, PART.paise)
    assert world.gateway.calls[GatewayOperation.REFUND] == 1
    known = world.gateway.orders[sold.id].refunds.known
    cut = dict(known)
    known.clear()

    for _ in range(2):
        assert await poll_refunds_after(world) == 1

    assert world.gateway.calls[GatewayOperation.REFUND] == 1
    known.update(cut)
    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await poll_refunds_after(world)
    assert world.refund(sold.id, refund.id).state == "success"
