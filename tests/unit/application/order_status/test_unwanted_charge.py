"""Late and double money, from the bank's news to the student's letter: seen by all, sent back once."""

from dataclasses import replace

import pytest

from adapters.fake.script import Fault, Operation, Outcome
from domain.catalogue.course import CourseId
from domain.identifiers import own_refund_of
from domain.payments.order_facts import Attention, RefundVerdict
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from fakes.samples import ASHA, BY_STATUS, LAPSE
from ports.notifications.outbox import Errand
from worlds.memory import CALL_MAX, Academy
from worlds.refund_requests import RefundDesk

REFUND = Operation.REFUND


@pytest.fixture
def desk(academy: Academy) -> RefundDesk:
    return RefundDesk(academy)


async def declined(academy: Academy) -> Payment:
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    return await academy.hears(payment.id)


async def paid_twice(academy: Academy) -> tuple[Payment, Payment]:
    """Return a payment that was declined and then charged late, and its retry, charged before."""
    first = await declined(academy)
    second = await academy.retries(first.id)
    academy.gateway.pay(second.id)
    await academy.hears(second.id)
    academy.gateway.pay(first.id)
    return await academy.hears(first.id), academy.payment(second.id)


async def test_a_second_payment_goes_back_by_itself(academy: Academy, desk: RefundDesk) -> None:
    """
    Asked back in the very unit that records it, sent by whoever follows refunds, at once.
    """
    first, second = await paid_twice(academy)
    refund = own_refund_of(first.id)
    assert (first.state, first.attention) == (State.SUCCESS, Attention.PAID_TWICE)
    assert desk.refund(first.id, refund).state is RefundState.REQUESTED
    assert not academy.gateway.calls[REFUND]

    assert await desk.follow() == 1

    assert academy.gateway.calls[REFUND] == 1
    assert desk.refund(first.id, refund).state is RefundState.PENDING
    academy.gateway.move_refund(first.id, refund, RefundVerdict.PAID)
    await desk.follows()
    ended = academy.payment(first.id)
    assert (ended.state, ended.attention) == (State.REFUNDED, None)
    assert not second.refunds
    assert list(academy.memory.store.enrolments) == [second.id]


async def test_everybody_is_told(academy: Academy, desk: RefundDesk) -> None:
    """
    The trail names the house and why; the student sees it and gets a letter when the bank has it.
    """
    first, _ = await paid_twice(academy)

    asked = academy.audited("refund.requested")
    assert [(line.subject, line.facts["asked_by"]) for line in asked] == [(first.id, "system")]
    assert "already by another payment" in asked[0].facts["reason"]
    view = await academy.check_status(first.id, ASHA.id, BY_STATUS)
    assert (view.needs_attention, [each.status for each in view.refunds]) == (True, ["requested"])

    await desk.follow()

    assert academy.errands == [Errand.TAX_DOCUMENT, Errand.REFUND_REQUESTED]


async def test_news_by_every_way_make_one_refund(academy: Academy, desk: RefundDesk) -> None:
    """
    Webhook, callback, status page and poller, again and again.
    """
    first, _ = await paid_twice(academy)

    for _ in range(2):
        await academy.hears(first.id)
        await academy.comes_back(first.id)
        await academy.asks(first.id)
        academy.clock.move(CALL_MAX)
        await academy.poll()
        await desk.follow()

    assert len(list(academy.payment(first.id).refunds)) == 1
    assert academy.gateway.calls[REFUND] == 1


async def test_a_lost_answer_is_not_a_second_refund(academy: Academy, desk: RefundDesk) -> None:
    """
    The bank did it and could not say so: found by reading, under the same id.
    """
    first, _ = await paid_twice(academy)
    academy.gateway.fail_next(REFUND, Fault.UNCLEAR_AFTER)

    await desk.follow()
    await desk.follows()

    assert desk.refund(first.id, own_refund_of(first.id)).state is RefundState.PENDING
    assert academy.gateway.calls[REFUND] == 1


async def test_late_money_for_a_course_off_the_list_goes_back(
    academy: Academy, desk: RefundDesk
) -> None:
    """
    Who paid in time gets the course all the same.
    """
    late = await academy.opens()
    academy.clock.move(LAPSE)
    await academy.poll()
    store, course = academy.memory.store, CourseId("algebra")
    store.courses[course] = replace(store.courses[course], active=False)
    academy.gateway.pay(late.id)

    settled = await academy.hears(late.id)

    assert (settled.state, settled.attention) == (State.SUCCESS, Attention.COURSE_CLOSED)
    assert not store.enrolments
    assert await desk.follow() == 1
    assert academy.gateway.calls[REFUND] == 1


async def test_late_money_for_a_course_on_the_list_opens_it(
    academy: Academy, desk: RefundDesk
) -> None:
    """
    The student wanted it, and it is there.
    """
    late = await academy.opens()
    academy.clock.move(LAPSE)
    await academy.poll()
    academy.gateway.pay(late.id)

    settled = await academy.hears(late.id)

    assert settled.attention is None
    assert list(academy.memory.store.enrolments) == [late.id]
    assert await desk.follow() == 0


async def test_in_time_is_in_time(academy: Academy) -> None:
    """
    The course was taken off the list while its student was at the bank.
    """
    payment = await academy.opens()
    academy.sells(active=False)
    academy.gateway.pay(payment.id)

    settled = await academy.hears(payment.id)

    assert settled.attention is None
    assert list(academy.memory.store.enrolments) == [payment.id]
