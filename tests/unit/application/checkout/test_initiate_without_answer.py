"""The gateway fails while a session is created: unknown proves nothing, and the same key resumes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Fault, Outcome
from application.checkout.idempotency import PaymentInProgress
from domain.catalogue.discount import DiscountUses
from domain.catalogue.expected_quote import ExpectedQuote, PriceChanged
from domain.money import Money
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import GatewayOrder
from domain.payments.payment_state import State
from fakes.payments.unanswered_gateway import created_without_answer, died_before_creating
from fakes.samples import BY_ASHA, LAPSE, LIFETIME, a_code, only_reason, payment_id
from ports.idempotency import IdempotencyKey, IdempotencyKeyInUse
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
    GatewaySuspended,
)
from worlds.memory import CALL_MAX, KEY, MemoryWorld

OPEN = GatewayOperation.CREATE_SESSION
READ = GatewayOperation.READ_ORDER
MOMENT = timedelta(microseconds=1)
ANOTHER_KEY: Final = replace(KEY, key="k-2")


@pytest.mark.parametrize(
    ("fault", "gateway_failure", "failure"),
    [
        (Fault.DOWN, GatewayDown, FailureReason.GATEWAY_UNREACHABLE),
        (Fault.BUSY, GatewayBusy, FailureReason.GATEWAY_UNREACHABLE),
        (Fault.DENIED, GatewayDenied, FailureReason.GATEWAY_DENIED),
        (Fault.REFUSED, GatewayRefused, FailureReason.GATEWAY_REFUSED),
    ],
)
async def test_without_a_session_the_payment_fails_and_frees_all(
    world: MemoryWorld, fault: Fault, gateway_failure: type[GatewayFailure], failure: FailureReason
) -> None:
    """
    Another payment may begin, the slot and the key are free at once; the same request may be repeated.
    """
    world.add_code(a_code(total_limit=1))
    world.gateway.fail_next(OPEN, fault)

    with pytest.raises(gateway_failure):
        await world.begin_payment(code="TEN", key=KEY)

    lost = world.payment(payment_id(1))
    assert (State.FAILED, failure, DiscountReservation.RELEASED) == (
        lost.state,
        lost.failure,
        lost.reservation,
    )
    assert world.code_uses().total == 0
    (line,) = world.audited("payment.moved")
    assert line.facts["failure"] == failure
    (refused,) = world.audited("payment.refused")
    assert refused.facts["refusal"] == gateway_failure.__name__
    second = await world.begin_payment(code="TEN", key=KEY)
    assert (second.id, second.state) == (payment_id(2), State.PENDING)


async def test_while_the_gateway_is_suspended_no_payment_begins(world: MemoryWorld) -> None:
    """
    No failed payment, no slot, no key, no call; after the suspension payments begin again.
    """
    world.add_code(a_code(total_limit=1))
    world.gateway_suspended_for = timedelta(seconds=7)
    with pytest.raises(GatewaySuspended) as away:
        await world.begin_payment(code="TEN", key=KEY)

    assert away.value.retry_after == timedelta(seconds=7)
    assert (world.memory.store.payments, world.gateway.calls.total()) == ({}, 0)
    assert world.code_uses() == DiscountUses(total=0, by_student=0)
    assert world.memory.store.idempotency == {}
    (refused,) = world.audited("payment.refused")
    assert refused.facts["refusal"] == "GatewaySuspended"

    world.gateway_suspended_for = None
    assert (await world.begin_payment(code="TEN", key=KEY)).state is State.PENDING


async def test_while_the_gateway_is_suspended_a_free_course_opens(world: MemoryWorld) -> None:
    """
    And a repeated request is answered as before.
    """
    world.add_code(a_code("FREE", percent=100))
    world.add_course("history")
    known = await world.begin_payment(key=KEY)
    world.gateway_suspended_for = timedelta(seconds=7)

    assert (await world.begin_payment(key=KEY)).gateway_order == known.gateway_order
    assert (await world.begin_payment(course="history", code="FREE")).state is State.SUCCESS


async def test_a_failure_without_a_key_lets_another_payment_begin(world: MemoryWorld) -> None:
    """
    The next request begins a new payment.
    """
    world.gateway.fail_next(OPEN, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await world.begin_payment()

    assert (await world.begin_payment()).id == payment_id(2)


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER])
async def test_a_lost_answer_proves_nothing(world: MemoryWorld, fault: Fault, key: object) -> None:
    """
    The payment stays pending: money could be on its way already.
    """
    world.gateway.fail_next(OPEN, fault)

    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment(key=KEY if key else None)

    assert world.payment(payment_id(1)).state is State.PENDING


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER])
async def test_the_same_key_resumes_under_the_same_order(world: MemoryWorld, fault: Fault) -> None:
    """
    Whether or not the bank had received the first call: one order, one session, one payment.
    """
    world.gateway.fail_next(OPEN, fault)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment(key=KEY)
    world.clock.move(timedelta(seconds=20))

    resumed = await world.begin_payment(key=KEY)

    assert resumed.gateway_order is not None
    assert (payment_id(1), State.PENDING) == (resumed.id, resumed.state)
    assert list(world.gateway.orders) == [payment_id(1)]
    assert world.gateway.orders[resumed.id].asked.lifetime <= LIFETIME
    assert resumed.id == (await world.begin_payment(key=KEY)).id
    assert world.gateway.calls[OPEN] == 2


@pytest.mark.parametrize("key", [None, ANOTHER_KEY])
@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER])
async def test_whoever_asks_for_the_same_again_resumes_at_once(
    world: MemoryWorld, fault: Fault, key: IdempotencyKey | None
) -> None:
    """
    The first request has ended and said so: the next one, whatever its key, goes on with the one order.
    """
    world.add_code(a_code(total_limit=1))
    world.gateway.fail_next(OPEN, fault)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment(code="TEN")

    resumed = await world.begin_payment(code="TEN", key=key)

    assert (payment_id(1), State.PENDING) == (resumed.id, resumed.state)
    assert resumed.gateway_order is not None
    assert not resumed.session_unanswered
    assert list(world.gateway.orders) == list(world.memory.store.payments) == [payment_id(1)]
    if key:
        assert (await world.begin_payment(code="TEN", key=key)).id == resumed.id
        assert world.gateway.calls[OPEN] == 2


@pytest.mark.parametrize(
    "otherwise",
    [{"code": "TEN"}, {"reference": "order-2"}],
)
async def test_whoever_asks_for_something_else_is_shown_the_payment_under_way(
    world: MemoryWorld, otherwise: dict[str, Any]
) -> None:
    """
    Its page is there from now on; what it differs in is no part of the answer of another request.
    """
    world.add_code(a_code())
    world.gateway.fail_next(OPEN, Fault.LOST_REQUEST)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment()

    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment(**otherwise)

    page = world.payment(payment_id(1)).gateway_order
    assert page is not None
    assert (payment_id(1), page.payment_url) == (live.value.payment, live.value.payment_url)
    assert list(world.gateway.orders) == [payment_id(1)]


async def test_another_price_than_was_seen_is_not_resumed(world: MemoryWorld) -> None:
    """
    As for a payment that begins: the student pays what they saw, or is asked.
    """
    world.gateway.fail_next(OPEN, Fault.LOST_REQUEST)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment()

    with pytest.raises(PriceChanged):
        await world.begin_payment(expected=ExpectedQuote(payable=Money(1)))

    assert not world.payment(payment_id(1)).gateway_order


async def test_what_ended_while_its_session_was_asked_for_is_not_resumed(
    world: MemoryWorld,
) -> None:
    """
    The answer was lost, and a webhook told that an attempt was declined: the next payment is a new one.
    """

    async def webhook() -> None:
        world.gateway.pay(payment_id(1), Outcome.FAILURE)
        await world.deliver_webhook(payment_id(1))

    world.gateway.meanwhile.append(webhook)
    world.gateway.fail_next(OPEN, Fault.LOST_ANSWER)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment()

    lost = world.payment(payment_id(1))
    assert (lost.state, lost.session_unanswered) == (State.FAILED, False)
    assert (await world.begin_payment()).id == payment_id(2)


async def test_the_bank_may_stay_silent_for_the_second_request_too(world: MemoryWorld) -> None:
    """
    The third goes on with the same order.
    """
    world.gateway.fail_next(OPEN, Fault.LOST_REQUEST, times=2)
    for _ in range(2):
        with pytest.raises(GatewayOutcomeUnknown):
            await world.begin_payment()

    assert (await world.begin_payment()).id == payment_id(1)


async def test_the_key_of_a_dead_request_is_taken_over(world: MemoryWorld) -> None:
    """
    The process died before the bank answered: once the claim ran out, a repeat resumes the payment.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX - MOMENT)
    with pytest.raises(IdempotencyKeyInUse):
        await world.begin_payment(key=KEY)
    world.clock.move(MOMENT)

    resumed = await world.begin_payment(key=KEY)

    assert resumed.id == payment_id(1)
    assert resumed.gateway_order is not None


async def test_resuming_without_an_answer_leaves_the_key_free(world: MemoryWorld) -> None:
    """
    The bank is down again: nothing changes, and the next repeat need not wait.
    """
    await created_without_answer(world)
    world.gateway.fail_next(READ, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await world.begin_payment(key=KEY)

    assert (await world.begin_payment(key=KEY)).id == payment_id(1)


async def test_resuming_what_was_paid_answers_with_the_sale(world: MemoryWorld) -> None:
    """
    The student reached the page in spite of the lost answer; the sale is the answer, now and later.
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1))

    sold = await world.begin_payment(key=KEY)

    assert (payment_id(1), State.SUCCESS) == (sold.id, sold.state)
    assert sold.id == (await world.begin_payment(key=KEY)).id
    assert world.gateway.calls[READ] == 1


async def test_resuming_what_was_paid_answers_without_the_key_too(world: MemoryWorld) -> None:
    """
    Who asks for the same again has bought it: the sale is their answer, and no refusal.
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1))

    sold = await world.begin_payment()

    assert (payment_id(1), State.SUCCESS) == (sold.id, sold.state)


async def test_a_sale_that_news_brought_answers_the_key(world: MemoryWorld) -> None:
    """
    A webhook made it a sale meanwhile: same key, same payment, not "already enrolled".
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1))
    await world.deliver_webhook(payment_id(1))

    sold = await world.begin_payment(key=KEY)

    assert (payment_id(1), State.SUCCESS) == (sold.id, sold.state)
    assert world.memory.store.idempotency[KEY].completed


async def test_resuming_what_failed_begins_anew(world: MemoryWorld) -> None:
    """
    The old order was declined; the same request gets a new payment, its key answered with it.
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1), Outcome.FAILURE)

    second = await world.begin_payment(key=KEY)

    assert (payment_id(3), State.PENDING) == (second.id, second.state)
    assert world.payment(payment_id(1)).state is State.FAILED
    assert second.id == (await world.begin_payment(key=KEY)).id


async def test_a_payment_that_failed_meanwhile_is_not_resumed(world: MemoryWorld) -> None:
    """
    A webhook ended the old payment before the request was repeated.
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1), Outcome.FAILURE)
    await world.deliver_webhook(payment_id(1))

    assert (await world.begin_payment(key=KEY)).id == payment_id(2)


async def test_resuming_an_overdue_session_begins_a_new_payment(world: MemoryWorld) -> None:
    """
    Nobody gets a session whose time has run out.
    """
    await created_without_answer(world)
    world.clock.move(LAPSE)

    second = await world.begin_payment(key=KEY)

    assert world.payment(payment_id(1)).state is State.EXPIRED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)


async def test_resuming_a_processing_payment_is_refused(
    world: MemoryWorld,
) -> None:
    """
    Money may be on its way, and there is no session to show: the student waits for its end.
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1), Outcome.PENDING)

    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment(key=KEY)

    assert (payment_id(1), None) == (live.value.payment, live.value.payment_url)
    assert world.payment(payment_id(1)).state is State.PROCESSING


async def test_resuming_what_is_unclear_marks_it_and_waits(world: MemoryWorld) -> None:
    """
    An unknown status creates no second session and lets no other payment begin.
    """
    await created_without_answer(world)
    world.gateway.answer(payment_id(1), unclear(payment_id(1), ReviewReason.VOIDED))

    with pytest.raises(PaymentInProgress):
        await world.begin_payment(key=KEY)

    assert only_reason(world.payment(payment_id(1))) is ReviewReason.VOIDED


async def test_resuming_where_the_bank_then_refuses_fails_no_payment(world: MemoryWorld) -> None:
    """
    Another request may be getting the session at this moment: only the key is released.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX)
    world.gateway.fail_next(OPEN, Fault.REFUSED)

    with pytest.raises(GatewayRefused):
        await world.begin_payment(key=KEY)

    assert world.payment(payment_id(1)).state is State.PENDING
    resumed = await world.begin_payment(key=KEY)
    assert (payment_id(1), True) == (resumed.id, resumed.gateway_order is not None)


async def test_resuming_in_the_minute_of_grace_waits(world: MemoryWorld) -> None:
    """
    Our session is over and the bank's may not be: neither a session nor a second payment yet.
    """
    await created_without_answer(world)
    world.clock.move(LIFETIME)

    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment(key=KEY)

    assert (payment_id(1), None) == (live.value.payment, live.value.payment_url)
    assert world.payment(payment_id(1)).state is State.PENDING


async def test_resuming_what_failed_in_another_requests_session_begins_a_new_payment(
    world: MemoryWorld,
) -> None:
    """
    Nobody may pay in the old session any more.
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1), Outcome.FAILURE)
    page = GatewayOrder(id="fake_1", payment_url="https://fake-gateway.example.com/pay/1")
    known = replace(world.payment(payment_id(1)), gateway_order=page)
    world.memory.unit_of_work.afterwards.append(
        lambda: world.memory.store.payments.update({known.id: known})
    )

    second = await world.begin_payment(key=KEY)

    assert world.payment(payment_id(1)).state is State.FAILED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)
    assert second.gateway_order != page


async def test_repeats_and_resumptions_are_audited(world: MemoryWorld) -> None:
    """
    Each with who asked and what for; none counts as an opening.
    """
    await created_without_answer(world)
    await world.begin_payment(key=KEY)
    await world.begin_payment(key=KEY)

    lines = [*world.audited("payment.resumed"), *world.audited("payment.repeated")]
    assert [(line.action, line.subject, line.origin, line.to_state) for line in lines] == [
        ("payment.resumed", payment_id(1), BY_ASHA, None),
        ("payment.repeated", payment_id(1), BY_ASHA, None),
    ]
    assert {line.facts["payable_paise"] for line in lines} == {"118000"}
    assert len(world.audited("payment.opened")) == 1


async def test_a_sale_that_answers_a_key_late_is_audited_as_a_repeat(world: MemoryWorld) -> None:
    """
    The same request had its payment already.
    """
    await created_without_answer(world)
    world.gateway.pay(payment_id(1))
    await world.deliver_webhook(payment_id(1))

    await world.begin_payment(key=KEY)

    assert [line.subject for line in world.audited("payment.repeated")] == [payment_id(1)]
