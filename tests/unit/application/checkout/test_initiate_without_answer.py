"""The bank in trouble while a page is opened: unknown proves nothing, and the same key resumes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Fault, Operation, Outcome
from application.checkout.idempotency import KeyBusy, LiveAttemptExists
from domain.catalogue.discount import DiscountUses
from domain.payments.discount_reservation import Redemption
from domain.payments.failure_reason import Failure
from domain.payments.order_facts import Attention
from domain.payments.payment import GatewayOrder
from domain.payments.payment_state import State
from fakes.payments.unanswered_gateway import died_while_opening, opened_unheard
from fakes.samples import BY_ASHA, LAPSE, LIFETIME, a_code, payment_id
from ports.payments.payment_gateway import (
    GatewayAway,
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayRefused,
    GatewayTrouble,
    GatewayUnclear,
)
from worlds.memory import CALL_MAX, KEY, Academy

OPEN = Operation.CREATE_SESSION
READ = Operation.READ_ORDER
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("fault", "trouble", "failure"),
    [
        (Fault.DOWN, GatewayDown, Failure.GATEWAY_UNREACHABLE),
        (Fault.BUSY, GatewayBusy, Failure.GATEWAY_UNREACHABLE),
        (Fault.DENIED, GatewayDenied, Failure.GATEWAY_REFUSED),
        (Fault.REFUSED, GatewayRefused, Failure.GATEWAY_REFUSED),
    ],
)
async def test_no_page_means_failed_and_everything_free(
    academy: Academy, fault: Fault, trouble: type[GatewayTrouble], failure: Failure
) -> None:
    """
    The place, the slot and the key are free at once; the same request may try again.
    """
    academy.offers(a_code(total_limit=1))
    academy.gateway.fail_next(OPEN, fault)

    with pytest.raises(trouble):
        await academy.opens(code="TEN", key=KEY)

    lost = academy.payment(payment_id(1))
    assert (State.FAILED, failure, Redemption.RELEASED) == (
        lost.state,
        lost.failure,
        lost.redemption,
    )
    assert academy.uses().total == 0
    (line,) = academy.audited("payment.moved")
    assert line.facts["failure"] == failure
    (refused,) = academy.audited("payment.refused")
    assert refused.facts["refusal"] == trouble.__name__
    second = await academy.opens(code="TEN", key=KEY)
    assert (second.id, second.state) == (payment_id(2), State.PENDING)


async def test_while_the_bank_rests_nothing_is_opened(academy: Academy) -> None:
    """
    No failed payment, no slot, no key and no question; as soon as the rest is over, all goes on.
    """
    academy.offers(a_code(total_limit=1))
    academy.bank_rest = timedelta(seconds=7)
    with pytest.raises(GatewayAway) as away:
        await academy.opens(code="TEN", key=KEY)

    assert away.value.retry_after == timedelta(seconds=7)
    assert (academy.memory.store.payments, academy.gateway.calls.total()) == ({}, 0)
    assert academy.uses() == DiscountUses(total=0, by_student=0)
    assert academy.memory.store.idempotency == {}
    (refused,) = academy.audited("payment.refused")
    assert refused.facts["refusal"] == "GatewayAway"

    academy.bank_rest = None
    assert (await academy.opens(code="TEN", key=KEY)).state is State.PENDING


async def test_while_the_bank_rests_what_needs_no_bank_goes_on(academy: Academy) -> None:
    """
    A repeated request is answered as before, and a free course is opened.
    """
    academy.offers(a_code("FREE", percent=100))
    academy.sells("history")
    known = await academy.opens(key=KEY)
    academy.bank_rest = timedelta(seconds=7)

    assert (await academy.opens(key=KEY)).gateway_order == known.gateway_order
    assert (await academy.opens(course="history", code="FREE")).state is State.SUCCESS


async def test_trouble_without_a_key_frees_the_place_too(academy: Academy) -> None:
    """
    The next attempt is a new payment.
    """
    academy.gateway.fail_next(OPEN, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await academy.opens()

    assert (await academy.opens()).id == payment_id(2)


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("fault", [Fault.UNCLEAR_BEFORE, Fault.UNCLEAR_AFTER])
async def test_a_lost_answer_proves_nothing(academy: Academy, fault: Fault, key: object) -> None:
    """
    The payment stays pending: money could be on its way already.
    """
    academy.gateway.fail_next(OPEN, fault)

    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY if key else None)

    assert academy.payment(payment_id(1)).state is State.PENDING


@pytest.mark.parametrize("fault", [Fault.UNCLEAR_BEFORE, Fault.UNCLEAR_AFTER])
async def test_the_same_key_resumes_under_the_same_order(academy: Academy, fault: Fault) -> None:
    """
    Whether or not the bank had heard: one order, one page, one payment.
    """
    academy.gateway.fail_next(OPEN, fault)
    with pytest.raises(GatewayUnclear):
        await academy.opens(key=KEY)
    academy.clock.move(timedelta(seconds=20))

    resumed = await academy.opens(key=KEY)

    assert resumed.gateway_order is not None
    assert (payment_id(1), State.PENDING) == (resumed.id, resumed.state)
    assert list(academy.gateway.orders) == [payment_id(1)]
    assert academy.gateway.orders[resumed.id].asked.lifetime <= LIFETIME
    assert resumed.id == (await academy.opens(key=KEY)).id
    assert academy.gateway.calls[OPEN] == 2


async def test_a_dead_askers_key_is_taken_over(academy: Academy) -> None:
    """
    Whoever opened the payment died before the bank answered: after the lock its request goes on.
    """
    await died_while_opening(academy)
    academy.clock.move(CALL_MAX - MOMENT)
    with pytest.raises(KeyBusy):
        await academy.opens(key=KEY)
    academy.clock.move(MOMENT)

    resumed = await academy.opens(key=KEY)

    assert resumed.id == payment_id(1)
    assert resumed.gateway_order is not None


async def test_resuming_without_an_answer_leaves_the_key_free(academy: Academy) -> None:
    """
    The bank is away again: nothing moves, and the next try need not wait.
    """
    await opened_unheard(academy)
    academy.gateway.fail_next(READ, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await academy.opens(key=KEY)

    assert (await academy.opens(key=KEY)).id == payment_id(1)


async def test_resuming_what_was_paid_answers_with_the_sale(academy: Academy) -> None:
    """
    The page was reached in spite of the lost answer; the sale is the answer, now and later.
    """
    await opened_unheard(academy)
    academy.gateway.pay(payment_id(1))

    sold = await academy.opens(key=KEY)

    assert (payment_id(1), State.SUCCESS) == (sold.id, sold.state)
    assert sold.id == (await academy.opens(key=KEY)).id
    assert academy.gateway.calls[READ] == 1


async def test_a_sale_that_news_brought_answers_the_key(academy: Academy) -> None:
    """
    A webhook settled it while nobody asked: same key, same payment, not "already enrolled".
    """
    await opened_unheard(academy)
    academy.gateway.pay(payment_id(1))
    await academy.hears(payment_id(1))

    sold = await academy.opens(key=KEY)

    assert (payment_id(1), State.SUCCESS) == (sold.id, sold.state)
    assert academy.memory.store.idempotency[KEY].sealed


async def test_resuming_what_failed_begins_anew(academy: Academy) -> None:
    """
    The old order was declined; the same request gets a new payment, its key answered with it.
    """
    await opened_unheard(academy)
    academy.gateway.pay(payment_id(1), Outcome.FAILURE)

    second = await academy.opens(key=KEY)

    assert (payment_id(3), State.PENDING) == (second.id, second.state)
    assert academy.payment(payment_id(1)).state is State.FAILED
    assert second.id == (await academy.opens(key=KEY)).id


async def test_what_failed_while_nobody_asked_is_not_resumed(academy: Academy) -> None:
    """
    News ended the old payment before the request came again.
    """
    await opened_unheard(academy)
    academy.gateway.pay(payment_id(1), Outcome.FAILURE)
    await academy.hears(payment_id(1))

    assert (await academy.opens(key=KEY)).id == payment_id(2)


async def test_resuming_an_overdue_session_begins_anew(academy: Academy) -> None:
    """
    Nobody is sent to a page whose time has run out.
    """
    await opened_unheard(academy)
    academy.clock.move(LAPSE)

    second = await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.EXPIRED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)


async def test_resuming_what_the_bank_is_busy_with_shows_the_live_attempt(
    academy: Academy,
) -> None:
    """
    Money may be on its way, and there is no page to show: wait for its end.
    """
    await opened_unheard(academy)
    academy.gateway.pay(payment_id(1), Outcome.PENDING)

    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens(key=KEY)

    assert (payment_id(1), None) == (live.value.payment, live.value.payment_url)
    assert academy.payment(payment_id(1)).state is State.PROCESSING


async def test_resuming_what_is_unclear_marks_it_and_waits(academy: Academy) -> None:
    """
    A word nobody knows neither opens a second page nor frees the place.
    """
    await opened_unheard(academy)
    academy.gateway.answer(payment_id(1), unclear(payment_id(1), Attention.VOIDED))

    with pytest.raises(LiveAttemptExists):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).attention is Attention.VOIDED


async def test_resuming_where_the_bank_then_refuses_gives_nothing_up(academy: Academy) -> None:
    """
    Another request may be getting the page this very moment: only the key is let go of.
    """
    await died_while_opening(academy)
    academy.clock.move(CALL_MAX)
    academy.gateway.fail_next(OPEN, Fault.REFUSED)

    with pytest.raises(GatewayRefused):
        await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.PENDING
    resumed = await academy.opens(key=KEY)
    assert (payment_id(1), True) == (resumed.id, resumed.gateway_order is not None)


async def test_resuming_in_the_minute_of_grace_waits(academy: Academy) -> None:
    """
    Our time is over and the bank's page may not be: neither a page nor a second payment yet.
    """
    await opened_unheard(academy)
    academy.clock.move(LIFETIME)

    with pytest.raises(LiveAttemptExists) as live:
        await academy.opens(key=KEY)

    assert (payment_id(1), None) == (live.value.payment, live.value.payment_url)
    assert academy.payment(payment_id(1)).state is State.PENDING


async def test_resuming_what_failed_on_another_requests_page_begins_anew(academy: Academy) -> None:
    """
    The page it had is no page to pay on any more.
    """
    await opened_unheard(academy)
    academy.gateway.pay(payment_id(1), Outcome.FAILURE)
    page = GatewayOrder(id="fake_1", payment_url="https://fake-gateway.example.com/pay/1")
    known = replace(academy.payment(payment_id(1)), gateway_order=page)
    academy.memory.unit_of_work.afterwards.append(
        lambda: academy.memory.store.payments.update({known.id: known})
    )

    second = await academy.opens(key=KEY)

    assert academy.payment(payment_id(1)).state is State.FAILED
    assert (payment_id(3), State.PENDING) == (second.id, second.state)
    assert second.gateway_order != page


async def test_repeats_and_resumptions_are_audited(academy: Academy) -> None:
    """
    Each with who asked and what for; none counts as an opening.
    """
    await opened_unheard(academy)
    await academy.opens(key=KEY)
    await academy.opens(key=KEY)

    lines = [*academy.audited("payment.resumed"), *academy.audited("payment.repeated")]
    assert [(line.action, line.subject, line.origin, line.to_state) for line in lines] == [
        ("payment.resumed", payment_id(1), BY_ASHA, None),
        ("payment.repeated", payment_id(1), BY_ASHA, None),
    ]
    assert {line.facts["payable_paise"] for line in lines} == {"118000"}
    assert len(academy.audited("payment.opened")) == 1


async def test_a_sale_that_answers_a_key_late_is_audited_as_a_repeat(academy: Academy) -> None:
    """
    The same request had its payment already.
    """
    await opened_unheard(academy)
    academy.gateway.pay(payment_id(1))
    await academy.hears(payment_id(1))

    await academy.opens(key=KEY)

    assert [line.subject for line in academy.audited("payment.repeated")] == [payment_id(1)]
