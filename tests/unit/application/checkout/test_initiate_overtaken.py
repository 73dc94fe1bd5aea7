"""Others move the payment while its page is being opened: no page of what is over reaches anybody."""

from dataclasses import replace

import pytest

from adapters.fake.script import Fault, Operation, Outcome
from application.checkout.idempotency import LiveAttemptExists
from domain.payments.failure_reason import Failure
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from fakes.payments.unanswered_gateway import died_while_opening
from fakes.samples import payment_id
from ports.payments.payment_gateway import GatewayBusy, GatewayDown, GatewayUnclear
from worlds.memory import CALL_MAX, KEY, Academy

OPEN = Operation.CREATE_SESSION


async def test_a_webhook_may_overtake_the_answer(academy: Academy) -> None:
    """
    The attempt is known before the page is: the page is kept all the same.
    """

    async def webhook() -> None:
        academy.gateway.pay(payment_id(1), Outcome.PENDING)
        await academy.hears(payment_id(1))

    academy.gateway.meanwhile.append(webhook)
    payment = await academy.opens(key=KEY)

    assert payment.state is State.PROCESSING
    assert academy.payment(payment.id).gateway_order == payment.gateway_order
    assert payment.gateway_order is not None


async def test_the_bank_may_charge_before_its_answer_is_written(academy: Academy) -> None:
    """
    Settled once, page kept, key answered.
    """

    async def charge() -> None:
        academy.gateway.pay(payment_id(1))
        await academy.hears(payment_id(1))

    academy.gateway.meanwhile.append(charge)
    payment = await academy.opens(key=KEY)

    assert payment.state is State.SUCCESS
    assert payment.gateway_order is not None
    assert list(academy.memory.store.enrolments) == [payment.id]
    assert payment.id == (await academy.opens(key=KEY)).id


async def test_what_moved_meanwhile_is_not_given_up(academy: Academy) -> None:
    """
    The bank says no, but an attempt is known: only the bank's own answer ends it.
    """

    async def attempt() -> None:
        payment = academy.payment(payment_id(1))
        academy.memory.store.payments[payment.id] = replace(payment, state=State.PROCESSING)

    academy.gateway.meanwhile.append(attempt)
    academy.gateway.fail_next(OPEN, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.PROCESSING


async def test_the_openers_failure_spares_the_page_a_resumer_got(academy: Academy) -> None:
    """
    The opener was slow and then turned away; the resumer's page stands and answers the key.
    """
    resumed: list[Payment] = []

    async def resume() -> None:
        academy.clock.move(CALL_MAX)
        resumed.append(await academy.opens(key=KEY))

    academy.gateway.meanwhile.append(resume)
    academy.gateway.fail_next(OPEN, Fault.BUSY)

    with pytest.raises(GatewayBusy):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.PENDING
    assert resumed[0].gateway_order == (await academy.opens(key=KEY)).gateway_order
    assert resumed[0].gateway_order is not None


async def test_a_resumers_failure_spares_the_page_the_opener_gets(academy: Academy) -> None:
    """
    The resumer is turned away while the opener's answer is on its way: the opener has its page.
    """

    async def resume() -> None:
        academy.clock.move(CALL_MAX)
        academy.gateway.fail_next(OPEN, Fault.BUSY)
        with pytest.raises(GatewayBusy):
            await academy.opens(key=KEY)

    academy.gateway.meanwhile.append(resume)

    opened = await academy.opens(key=KEY)

    assert (opened.state, opened.gateway_order is not None) == (State.PENDING, True)
    assert academy.payment(opened.id).gateway_order == opened.gateway_order
    assert academy.memory.store.idempotency[KEY].sealed


@pytest.mark.parametrize("key", [None, KEY])
async def test_a_page_of_what_was_given_up_reaches_nobody(academy: Academy, key: object) -> None:
    """
    Its place and slot are somebody else's by now: not kept, not shown, not the key's answer.
    """
    await died_while_opening(academy)
    academy.clock.move(CALL_MAX)

    async def give_up() -> None:
        lost = academy.payment(payment_id(1)).give_up(
            Failure.GATEWAY_UNREACHABLE, academy.clock.now()
        )
        academy.memory.store.payments[payment_id(1)] = replace(lost.payment, version=1)

    academy.gateway.meanwhile.append(give_up)

    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY if key else None)

    lost = academy.payment(payment_id(1))
    assert (lost.state, lost.gateway_order) == (State.FAILED, None)
    assert not academy.memory.store.idempotency[KEY].sealed
    if key:
        assert (await academy.opens(key=KEY)).id == payment_id(3)


async def test_a_page_that_failed_before_it_was_written_reaches_nobody(academy: Academy) -> None:
    """
    Another request got the page, and the attempt on it failed: its late asker is told to ask again.
    """
    await died_while_opening(academy)
    academy.clock.move(CALL_MAX)

    async def fail() -> None:
        with pytest.raises(LiveAttemptExists):
            await academy.opens()
        academy.gateway.pay(payment_id(1), Outcome.FAILURE)
        await academy.hears(payment_id(1))

    academy.gateway.meanwhile.append(fail)

    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.FAILED
    assert not academy.memory.store.idempotency[KEY].sealed


async def test_a_page_known_meanwhile_answers_the_key(academy: Academy) -> None:
    """
    A request without the key resumed the page; the key's own next request need not ask the bank.
    """
    await died_while_opening(academy)
    academy.clock.move(CALL_MAX)
    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens()
    calls = academy.gateway.calls.total()

    payment = await academy.opens(key=KEY)

    assert payment.gateway_order is not None
    assert payment.gateway_order.payment_url == live.value.payment_url
    assert academy.gateway.calls.total() == calls
    assert academy.memory.store.idempotency[KEY].sealed


async def test_a_page_written_by_someone_else_stays(academy: Academy) -> None:
    """
    Two found the page at once: the first answer is the page.
    """
    await died_while_opening(academy)
    academy.clock.move(CALL_MAX)

    async def other() -> None:
        with pytest.raises(LiveAttemptExists):
            await academy.opens()

    academy.gateway.meanwhile.append(other)
    payment = await academy.opens(key=KEY)

    assert payment.gateway_order is not None
    assert academy.payment(payment.id).version == 1
