"""Late and double money, from the bank's news to the student's letter: seen by all, sent back once."""

from dataclasses import replace

import pytest

from adapters.fake.script import Fault, Outcome
from domain.catalogue.course import CourseId
from domain.identifiers import system_refund_of
from domain.payments.order_facts import RefundVerdict, ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from fakes.samples import ASHA, BY_STATUS, LAPSE
from ports.notifications.outbox import OutboxTask
from ports.payments.payment_gateway import GatewayOperation
from worlds.memory import CALL_MAX, MemoryWorld
from worlds.refund_requests import RefundProcessing

REFUND = GatewayOperation.REFUND


@pytest.fixture
def desk(world: MemoryWorld) -> RefundProcessing:
    return RefundProcessing(world)


async def declined(world: MemoryWorld) -> Payment:
    payment = await world.opens()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    return await world.hears(payment.id)


async def paid_twice(world: MemoryWorld) -> tuple[Payment, Payment]:
    """Return a payment that was declined and then charged late, and its retry, charged before."""
    first = await declined(world)
    second = await world.retries(first.id)
    world.gateway.pay(second.id)
    await world.hears(second.id)
    world.gateway.pay(first.id)
    return await world.hears(first.id), world.payment(second.id)


async def test_a_second_payment_goes_back_by_itself(
    world: MemoryWorld, desk: RefundProcessing
) -> None:
    """
    Asked back in the very unit that records it, sent by whoever follows refunds, at once.
    """
    first, second = await paid_twice(world)
    refund = system_refund_of(first.id)
    assert (first.state, first.review_reason) == (State.SUCCESS, ReviewReason.PAID_TWICE)
    assert desk.refund(first.id, refund).state is RefundState.REQUESTED
    assert not world.gateway.calls[REFUND]

    assert await desk.follow() == 1

    assert world.gateway.calls[REFUND] == 1
    assert desk.refund(first.id, refund).state is RefundState.PENDING
    world.gateway.move_refund(first.id, refund, RefundVerdict.PAID)
    await desk.follows()
    ended = world.payment(first.id)
    assert (ended.state, ended.review_reason) == (State.REFUNDED, None)
    assert not second.refunds
    assert list(world.memory.store.enrolments) == [second.id]


async def test_everybody_is_told(world: MemoryWorld, desk: RefundProcessing) -> None:
    """
    The trail names the house and why; the student sees it and gets a letter when the bank has it.
    """
    first, _ = await paid_twice(world)

    asked = world.audited("refund.requested")
    assert [(line.subject, line.facts["asked_by"]) for line in asked] == [(first.id, "system")]
    assert "already by another payment" in asked[0].facts["reason"]
    view = await world.check_status(first.id, ASHA.id, BY_STATUS)
    assert (view.needs_attention, [each.status for each in view.refunds]) == (True, ["requested"])

    await desk.follow()

    assert world.dead_letters == [OutboxTask.TAX_DOCUMENT, OutboxTask.REFUND_REQUESTED]


async def test_news_by_every_way_make_one_refund(
    world: MemoryWorld, desk: RefundProcessing
) -> None:
    """
    Webhook, callback, status page and poller, again and again.
    """
    first, _ = await paid_twice(world)

    for _ in range(2):
        await world.hears(first.id)
        await world.comes_back(first.id)
        await world.asks(first.id)
        world.clock.move(CALL_MAX)
        await world.poll()
        await desk.follow()

    assert len(list(world.payment(first.id).refunds)) == 1
    assert world.gateway.calls[REFUND] == 1


async def test_a_lost_answer_is_not_a_second_refund(
    world: MemoryWorld, desk: RefundProcessing
) -> None:
    """
    The bank did it and could not say so: found by reading, under the same id.
    """
    first, _ = await paid_twice(world)
    world.gateway.fail_next(REFUND, Fault.LOST_ANSWER)

    await desk.follow()
    await desk.follows()

    assert desk.refund(first.id, system_refund_of(first.id)).state is RefundState.PENDING
    assert world.gateway.calls[REFUND] == 1


async def test_late_money_for_a_course_off_the_list_goes_back(
    world: MemoryWorld, desk: RefundProcessing
) -> None:
    """
    Who paid in time gets the course all the same.
    """
    late = await world.opens()
    world.clock.move(LAPSE)
    await world.poll()
    store, course = world.memory.store, CourseId("algebra")
    store.courses[course] = replace(store.courses[course], active=False)
    world.gateway.pay(late.id)

    settled = await world.hears(late.id)

    assert (settled.state, settled.review_reason) == (State.SUCCESS, ReviewReason.COURSE_CLOSED)
    assert not store.enrolments
    assert await desk.follow() == 1
    assert world.gateway.calls[REFUND] == 1


async def test_late_money_for_a_course_on_the_list_opens_it(
    world: MemoryWorld, desk: RefundProcessing
) -> None:
    """
    The student wanted it, and it is there.
    """
    late = await world.opens()
    world.clock.move(LAPSE)
    await world.poll()
    world.gateway.pay(late.id)

    settled = await world.hears(late.id)

    assert settled.review_reason is None
    assert list(world.memory.store.enrolments) == [late.id]
    assert await desk.follow() == 0


async def test_in_time_is_in_time(world: MemoryWorld) -> None:
    """
    The course was taken off the list while its student was at the bank.
    """
    payment = await world.opens()
    world.sells(active=False)
    world.gateway.pay(payment.id)

    settled = await world.hears(payment.id)

    assert settled.review_reason is None
    assert list(world.memory.store.enrolments) == [payment.id]
