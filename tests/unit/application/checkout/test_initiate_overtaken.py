"""The payment changes while its session is created: nobody gets the session of a payment that ended."""

from dataclasses import replace

import pytest

from adapters.fake.script import Fault, Outcome
from application.checkout.idempotency import PaymentInProgress
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import fail_without_session
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from fakes.payments.unanswered_gateway import died_before_creating
from fakes.samples import payment_id
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDown,
    GatewayOperation,
    GatewayOutcomeUnknown,
)
from worlds.memory import CALL_MAX, KEY, MemoryWorld

OPEN = GatewayOperation.CREATE_SESSION


async def test_a_webhook_may_overtake_the_answer(world: MemoryWorld) -> None:
    """
    The attempt is known before the session is: the session is stored all the same.
    """

    async def webhook() -> None:
        world.gateway.pay(payment_id(1), Outcome.PENDING)
        await world.deliver_webhook(payment_id(1))

    world.gateway.meanwhile.append(webhook)
    payment = await world.begin_payment(key=KEY)

    assert payment.state is State.PROCESSING
    assert world.payment(payment.id).gateway_order == payment.gateway_order
    assert payment.gateway_order is not None


async def test_the_bank_may_charge_before_its_answer_is_written(world: MemoryWorld) -> None:
    """
    Applied once, the session stored, the key answered.
    """

    async def charge() -> None:
        world.gateway.pay(payment_id(1))
        await world.deliver_webhook(payment_id(1))

    world.gateway.meanwhile.append(charge)
    payment = await world.begin_payment(key=KEY)

    assert payment.state is State.SUCCESS
    assert payment.gateway_order is not None
    assert list(world.memory.store.enrolments) == [payment.id]
    assert payment.id == (await world.begin_payment(key=KEY)).id


async def test_a_payment_that_moved_meanwhile_does_not_fail(world: MemoryWorld) -> None:
    """
    The bank creates no session, but an attempt is known: only its order status ends the payment.
    """

    async def attempt() -> None:
        payment = world.payment(payment_id(1))
        world.memory.store.payments[payment.id] = replace(payment, state=State.PROCESSING)

    world.gateway.meanwhile.append(attempt)
    world.gateway.fail_next(OPEN, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await world.begin_payment(key=KEY)

    assert world.payment(payment_id(1)).state is State.PROCESSING


async def test_the_first_requests_failure_keeps_the_session_a_repeat_got(
    world: MemoryWorld,
) -> None:
    """
    The first request is slow and then refused by the bank; the session of the repeat answers the key.
    """
    resumed: list[Payment] = []

    async def resume() -> None:
        world.clock.move(CALL_MAX)
        resumed.append(await world.begin_payment(key=KEY))

    world.gateway.meanwhile.append(resume)
    world.gateway.fail_next(OPEN, Fault.BUSY)

    with pytest.raises(GatewayBusy):
        await world.begin_payment(key=KEY)

    assert world.payment(payment_id(1)).state is State.PENDING
    assert resumed[0].gateway_order == (await world.begin_payment(key=KEY)).gateway_order
    assert resumed[0].gateway_order is not None


async def test_a_repeats_failure_keeps_the_session_the_first_request_gets(
    world: MemoryWorld,
) -> None:
    """
    The repeat is refused by the bank while the first request's answer is on its way.
    """

    async def resume() -> None:
        world.clock.move(CALL_MAX)
        world.gateway.fail_next(OPEN, Fault.BUSY)
        with pytest.raises(GatewayBusy):
            await world.begin_payment(key=KEY)

    world.gateway.meanwhile.append(resume)

    opened = await world.begin_payment(key=KEY)

    assert (opened.state, opened.gateway_order is not None) == (State.PENDING, True)
    assert world.payment(opened.id).gateway_order == opened.gateway_order
    assert world.memory.store.idempotency[KEY].completed


@pytest.mark.parametrize("key", [None, KEY])
async def test_the_session_of_a_failed_payment_is_not_returned(
    world: MemoryWorld, key: object
) -> None:
    """
    Another payment may have begun: the session is not stored, not shown, and does not answer the key.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX)

    async def give_up() -> None:
        lost = fail_without_session(
            world.payment(payment_id(1)), FailureReason.GATEWAY_UNREACHABLE, world.clock.now()
        )
        world.memory.store.payments[payment_id(1)] = replace(lost.payment, version=1)

    world.gateway.meanwhile.append(give_up)

    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment(key=KEY if key else None)

    lost = world.payment(payment_id(1))
    assert (lost.state, lost.gateway_order) == (State.FAILED, None)
    assert not world.memory.store.idempotency[KEY].completed
    if key:
        assert (await world.begin_payment(key=KEY)).id == payment_id(3)


async def test_a_session_whose_attempt_failed_meanwhile_is_not_returned(world: MemoryWorld) -> None:
    """
    Another request got the session, and the attempt in it failed: the slower request ends in an error.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX)

    async def fail() -> None:
        with pytest.raises(PaymentInProgress):
            await world.begin_payment()
        world.gateway.pay(payment_id(1), Outcome.FAILURE)
        await world.deliver_webhook(payment_id(1))

    world.gateway.meanwhile.append(fail)

    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment(key=KEY)

    assert world.payment(payment_id(1)).state is State.FAILED
    assert not world.memory.store.idempotency[KEY].completed


async def test_a_session_stored_meanwhile_answers_the_key(world: MemoryWorld) -> None:
    """
    A request without the key resumed the session; the next request with the key need not call the bank.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX)
    with pytest.raises(PaymentInProgress) as live:
        await world.begin_payment()
    calls = world.gateway.calls.total()

    payment = await world.begin_payment(key=KEY)

    assert payment.gateway_order is not None
    assert payment.gateway_order.payment_url == live.value.payment_url
    assert world.gateway.calls.total() == calls
    assert world.memory.store.idempotency[KEY].completed


async def test_the_first_stored_session_stays(world: MemoryWorld) -> None:
    """
    Two requests get the session at once: the first answer counts.
    """
    await died_before_creating(world)
    world.clock.move(CALL_MAX)

    async def other() -> None:
        with pytest.raises(PaymentInProgress):
            await world.begin_payment()

    world.gateway.meanwhile.append(other)
    payment = await world.begin_payment(key=KEY)

    assert payment.gateway_order is not None
    assert world.payment(payment.id).version == 1
