"""Others move the payment while its page is being opened: no page of what is over reaches anybody."""

from dataclasses import replace

import pytest

from adapters.fake.script import Fault, Outcome
from application.checkout.idempotency import PaymentInProgress
from domain.payments.failure_reason import FailureReason
from domain.payments.order_decisions import fail_without_session
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from fakes.payments.unanswered_gateway import died_while_opening
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
    The attempt is known before the page is: the page is kept all the same.
    """

    async def webhook() -> None:
        world.gateway.pay(payment_id(1), Outcome.PENDING)
        await world.hears(payment_id(1))

    world.gateway.meanwhile.append(webhook)
    payment = await world.opens(key=KEY)

    assert payment.state is State.PROCESSING
    assert world.payment(payment.id).gateway_order == payment.gateway_order
    assert payment.gateway_order is not None


async def test_the_bank_may_charge_before_its_answer_is_written(world: MemoryWorld) -> None:
    """
    Settled once, page kept, key answered.
    """

    async def charge() -> None:
        world.gateway.pay(payment_id(1))
        await world.hears(payment_id(1))

    world.gateway.meanwhile.append(charge)
    payment = await world.opens(key=KEY)

    assert payment.state is State.SUCCESS
    assert payment.gateway_order is not None
    assert list(world.memory.store.enrolments) == [payment.id]
    assert payment.id == (await world.opens(key=KEY)).id


async def test_what_moved_meanwhile_is_not_given_up(world: MemoryWorld) -> None:
    """
    The bank says no, but an attempt is known: only the bank's own answer ends it.
    """

    async def attempt() -> None:
        payment = world.payment(payment_id(1))
        world.memory.store.payments[payment.id] = replace(payment, state=State.PROCESSING)

    world.gateway.meanwhile.append(attempt)
    world.gateway.fail_next(OPEN, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await world.opens(key=KEY)

    assert world.payment(payment_id(1)).state is State.PROCESSING


async def test_the_openers_failure_spares_the_page_a_resumer_got(world: MemoryWorld) -> None:
    """
    The opener was slow and then turned away; the resumer's page stands and answers the key.
    """
    resumed: list[Payment] = []

    async def resume() -> None:
        world.clock.move(CALL_MAX)
        resumed.append(await world.opens(key=KEY))

    world.gateway.meanwhile.append(resume)
    world.gateway.fail_next(OPEN, Fault.BUSY)

    with pytest.raises(GatewayBusy):
        await world.opens(key=KEY)

    assert world.payment(payment_id(1)).state is State.PENDING
    assert resumed[0].gateway_order == (await world.opens(key=KEY)).gateway_order
    assert resumed[0].gateway_order is not None


async def test_a_resumers_failure_spares_the_page_the_opener_gets(world: MemoryWorld) -> None:
    """
    The resumer is turned away while the opener's answer is on its way: the opener has its page.
    """

    async def resume() -> None:
        world.clock.move(CALL_MAX)
        world.gateway.fail_next(OPEN, Fault.BUSY)
        with pytest.raises(GatewayBusy):
            await world.opens(key=KEY)

    world.gateway.meanwhile.append(resume)

    opened = await world.opens(key=KEY)

    assert (opened.state, opened.gateway_order is not None) == (State.PENDING, True)
    assert world.payment(opened.id).gateway_order == opened.gateway_order
    assert world.memory.store.idempotency[KEY].completed


@pytest.mark.parametrize("key", [None, KEY])
async def test_a_page_of_what_was_given_up_reaches_nobody(world: MemoryWorld, key: object) -> None:
    """
    Its place and slot are somebody else's by now: not kept, not shown, not the key's answer.
    """
    await died_while_opening(world)
    world.clock.move(CALL_MAX)

    async def give_up() -> None:
        lost = fail_without_session(
            world.payment(payment_id(1)), FailureReason.GATEWAY_UNREACHABLE, world.clock.now()
        )
        world.memory.store.payments[payment_id(1)] = replace(lost.payment, version=1)

    world.gateway.meanwhile.append(give_up)

    with pytest.raises(GatewayOutcomeUnknown):
        await world.opens(key=KEY if key else None)

    lost = world.payment(payment_id(1))
    assert (lost.state, lost.gateway_order) == (State.FAILED, None)
    assert not world.memory.store.idempotency[KEY].completed
    if key:
        assert (await world.opens(key=KEY)).id == payment_id(3)


async def test_a_page_that_failed_before_it_was_written_reaches_nobody(world: MemoryWorld) -> None:
    """
    Another request got the page, and the attempt on it failed: its late asker is told to ask again.
    """
    await died_while_opening(world)
    world.clock.move(CALL_MAX)

    async def fail() -> None:
        with pytest.raises(PaymentInProgress):
            await world.opens()
        world.gateway.pay(payment_id(1), Outcome.FAILURE)
        await world.hears(payment_id(1))

    world.gateway.meanwhile.append(fail)

    with pytest.raises(GatewayOutcomeUnknown):
        await world.opens(key=KEY)

    assert world.payment(payment_id(1)).state is State.FAILED
    assert not world.memory.store.idempotency[KEY].completed


async def test_a_page_known_meanwhile_answers_the_key(world: MemoryWorld) -> None:
    """
    A request without the key resumed the page; the key's own next request need not ask the bank.
    """
    await died_while_opening(world)
    world.clock.move(CALL_MAX)
    with pytest.raises(PaymentInProgress) as live:
        await world.opens()
    calls = world.gateway.calls.total()

    payment = await world.opens(key=KEY)

    assert payment.gateway_order is not None
    assert payment.gateway_order.payment_url == live.value.payment_url
    assert world.gateway.calls.total() == calls
    assert world.memory.store.idempotency[KEY].completed


async def test_a_page_written_by_someone_else_stays(world: MemoryWorld) -> None:
    """
    Two found the page at once: the first answer is the page.
    """
    await died_while_opening(world)
    world.clock.move(CALL_MAX)

    async def other() -> None:
        with pytest.raises(PaymentInProgress):
            await world.opens()

    world.gateway.meanwhile.append(other)
    payment = await world.opens(key=KEY)

    assert payment.gateway_order is not None
    assert world.payment(payment.id).version == 1
