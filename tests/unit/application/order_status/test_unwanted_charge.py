"""Late and double money, from the bank's news to the student's letter: seen by all, sent back once."""

from dataclasses import replace

from adapters.fake.script import Fault, Outcome
from domain.catalogue.course import CourseId
from domain.identifiers import system_refund_of
from domain.payments.order_facts import RefundVerdict, ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from fakes.samples import ASHA, BY_STATUS, LAPSE, only_reason
from ports.notifications.outbox import OutboxTask
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import CALL_MAX, MemoryWorld
from worlds.refund_requests import poll_refunds_after

REFUND = GatewayOperation.REFUND


async def declined(world: MemoryWorld) -> Payment:
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    return await world.deliver_webhook(payment.id)


async def paid_twice(world: MemoryWorld) -> tuple[Payment, Payment]:
    """Return a payment that was declined and then charged late, and its retry, charged before."""
    first = await declined(world)
    second = await world.retry_payment(first.id)
    world.gateway.pay(second.id)
    await world.deliver_webhook(second.id)
    world.gateway.pay(first.id)
    return await world.deliver_webhook(first.id), world.payment(second.id)


async def test_a_second_payment_goes_back_by_itself(world: MemoryWorld) -> None:
    """
    Asked back in the very unit that records it, sent by whoever follows refunds, at once.
    """
    first, second = await paid_twice(world)
    refund = system_refund_of(first.id)
    assert (first.state, only_reason(first)) == (State.SUCCESS, ReviewReason.PAID_TWICE)
    assert world.refund(first.id, refund).state is RefundState.REQUESTED
    assert not world.gateway.calls[REFUND]

    assert await world.poll_refunds() == 1

    assert world.gateway.calls[REFUND] == 1
    assert world.refund(first.id, refund).state is RefundState.PENDING
    world.gateway.move_refund(first.id, refund, RefundVerdict.PAID)
    await poll_refunds_after(world)
    ended = world.payment(first.id)
    assert (ended.state, only_reason(ended)) == (State.REFUNDED, None)
    assert not second.refunds
    assert list(world.memory.store.enrolments) == [second.id]


async def test_everybody_is_told(world: MemoryWorld) -> None:
    """
    The trail names the house and why; the student sees it and gets a letter when the bank has it.
    """
    first, _ = await paid_twice(world)

    asked = world.audited("refund.requested")
    assert [(line.subject, line.facts["asked_by"]) for line in asked] == [(first.id, "system")]
    assert "already by another payment" in asked[0].facts["reason"]
    view = await world.check_status(first.id, ASHA.id, BY_STATUS)
    assert (view.needs_attention, [each.status for each in view.refunds]) == (True, ["requested"])

    await world.poll_refunds()

    assert world.dead_letters == [OutboxTask.TAX_DOCUMENT, OutboxTask.REFUND_REQUESTED]


async def test_news_by_every_way_make_one_refund(world: MemoryWorld) -> None:
    """
    Webhook, callback, status page and poller, again and again.
    """
    first, _ = await paid_twice(world)

    for _ in range(2):
        await world.deliver_webhook(first.id)
        await world.deliver_callback(first.id)
        await world.ask_status(first.id)
        world.clock.move(CALL_MAX)
        await world.poll_orders()
        await world.poll_refunds()

    assert len(list(world.payment(first.id).refunds)) == 1
    assert world.gateway.calls[REFUND] == 1


async def test_a_lost_answer_is_not_a_second_refund(world: MemoryWorld) -> None:
    """
    The bank did it and could not say so: found by reading, under the same id.
    """
    first, _ = await paid_twice(world)
    world.gateway.fail_next(REFUND, Fault.LOST_ANSWER)

    await world.poll_refunds()
    await poll_refunds_after(world)

    assert world.refund(first.id, system_refund_of(first.id)).state is RefundState.PENDING
    assert world.gateway.calls[REFUND] == 1


async def test_late_money_for_a_course_off_the_list_goes_back(world: MemoryWorld) -> None:
    """
    Who paid in time gets the course all the same.
    """
    late = await world.begin_payment()
    world.clock.move(LAPSE)
    await world.poll_orders()
    store, course = world.memory.store, CourseId("algebra")
    store.courses[course] = replace(store.courses[course], active=False)
    world.gateway.pay(late.id)

    settled = await world.deliver_webhook(late.id)

    assert (settled.state, only_reason(settled)) == (State.SUCCESS, ReviewReason.COURSE_CLOSED)
    assert not store.enrolments
    assert await world.poll_refunds() == 1
    assert world.gateway.calls[REFUND] == 1


async def test_late_money_for_a_course_on_the_list_opens_it(world: MemoryWorld) -> None:
    """
    The student wanted it, and it is there.
    """
    late = await world.begin_payment()
    world.clock.move(LAPSE)
    await world.poll_orders()
    world.gateway.pay(late.id)

    settled = await world.deliver_webhook(late.id)

    assert only_reason(settled) is None
    assert list(world.memory.store.enrolments) == [late.id]
    assert await world.poll_refunds() == 0


async def test_in_time_is_in_time(world: MemoryWorld) -> None:
    """
    The course was taken off the list while its student was at the bank.
    """
    payment = await world.begin_payment()
    world.add_course(active=False)
    world.gateway.pay(payment.id)

    settled = await world.deliver_webhook(payment.id)

    assert only_reason(settled) is None
    assert list(world.memory.store.enrolments) == [payment.id]
