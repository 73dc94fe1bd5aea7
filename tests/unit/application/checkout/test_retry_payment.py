"""Trying again: the bank is asked first, and one purchase is never knowingly paid twice."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.fake.script import Fault, Operation, Outcome
from application.checkout.idempotency import KeyBusy, KeyReused, LiveAttemptExists
from application.checkout.initiate_payment import AlreadyEnrolled
from application.order_status.read_order import ReadOrder
from domain.catalogue.discount import DiscountRefused
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.payments.discount_reservation import Redemption
from domain.payments.order_facts import Attention
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.retry import RETRY_WITHIN, PriceChanged, RetryRefusal, RetryRefused
from fakes.samples import ASHA, BY_STATUS, LAPSE, RAVI, a_code, payment_id
from ports.idempotency import IdempotencyKey
from ports.payments.payment_gateway import GatewayAway, GatewayDown, GatewayRefused, GatewayUnclear
from ports.unit_of_work import StorageUnavailable
from worlds.memory import CALL_MAX, Academy, retry_of

OPEN, READ = Operation.CREATE_SESSION, Operation.READ_ORDER
KEY: Final = IdempotencyKey(student=ASHA.id, route="retry", key="r-1")
MINUTE: Final = timedelta(minutes=1)


async def failed(academy: Academy, *, code: str | None = None) -> Payment:
    """Return a payment that the bank declined, as its webhook told us."""
    payment = await academy.opens(code=code)
    return await declined(academy, payment)


async def declined(academy: Academy, payment: Payment) -> Payment:
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    return await academy.hears(payment.id)


async def expired(academy: Academy) -> Payment:
    payment = await academy.opens()
    academy.clock.move(LAPSE)
    await academy.poll()
    return academy.payment(payment.id)


async def refusal_of(academy: Academy, payment: PaymentId) -> RetryRefused:
    with pytest.raises(RetryRefused) as refused:
        await academy.retries(payment)
    return refused.value


@pytest.mark.parametrize("ended", [failed, expired])
async def test_a_retry_opens_a_new_payment_for_the_same(
    academy: Academy, ended: Callable[[Academy], Awaitable[Payment]]
) -> None:
    """
    With a page of its own, linked to the first, asked about once and audited.
    """
    first = await ended(academy)
    reads = academy.gateway.calls[READ]

    second = await academy.retries(first.id)

    assert second.gateway_order is not None
    assert second.retry is not None
    assert (second.retry.of, second.retry.first, second.retry.number) == (first.id, first.id, 1)
    assert academy.payment(first.id).retried_as == second.id
    assert academy.gateway.calls[READ] == reads + 1
    assert academy.audited("payment.opened")[-1].facts["retry_of"] == first.id
    academy.gateway.pay(second.id)
    assert (await academy.hears(second.id)).state is State.SUCCESS
    assert list(academy.memory.store.enrolments) == [second.id]


async def test_an_overdue_payment_is_ended_by_the_way(academy: Academy) -> None:
    """
    Nobody swept it yet; its session is over all the same.
    """
    first = await academy.opens()
    academy.clock.move(LAPSE)

    second = await academy.retries(first.id)

    assert academy.payment(first.id).state is State.EXPIRED
    assert second.retry is not None


async def test_within_the_grace_it_is_still_live(academy: Academy) -> None:
    """
    Its page at the bank may still be open for a moment.
    """
    first = await academy.opens()
    academy.clock.move(LAPSE - timedelta(seconds=1))

    with pytest.raises(LiveAttemptExists):
        await academy.retries(first.id)


async def test_the_bank_charged_after_all(academy: Academy) -> None:
    """
    The last question finds the money: a sale, and nothing to pay again.
    """
    first = await failed(academy)
    academy.gateway.pay(first.id)

    refused = await refusal_of(academy, first.id)

    assert (refused.reason, refused.payment) == (RetryRefusal.PAID, first.id)
    assert academy.payment(first.id).state is State.SUCCESS
    assert list(academy.memory.store.payments) == [first.id]
    assert academy.gateway.calls[OPEN] == 1


async def test_a_silent_bank_is_no_proof(academy: Academy) -> None:
    """
    Unknown is not failed: without its answer nothing is opened.
    """
    first = await failed(academy)
    academy.gateway.fail_next(READ, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await academy.retries(first.id)

    assert list(academy.memory.store.payments) == [first.id]
    assert academy.payment(first.id).retried_as is None


async def test_news_between_the_question_and_the_retry_count(academy: Academy) -> None:
    """
    The late charge arrives behind the answer that the retry waited for.
    """
    first = await failed(academy)

    said = await academy.read_order(first.id, ASHA.id)
    academy.gateway.pay(first.id)
    charged = await academy.read_order(first.id, ASHA.id)
    academy.gateway.answer(first.id, said)

    async def late() -> None:
        await academy.settle(charged, BY_STATUS)

    academy.gateway.meanwhile_reading.append(late)

    assert (await refusal_of(academy, first.id)).reason is RetryRefusal.PAID
    assert list(academy.memory.store.payments) == [first.id]


async def test_what_is_live_is_continued(academy: Academy) -> None:
    """
    The way to its page is told; the bank is not asked.
    """
    first = await academy.opens()

    with pytest.raises(LiveAttemptExists) as refused:
        await academy.retries(first.id)

    assert refused.value.payment == first.id
    assert not academy.gateway.calls[READ]


async def test_another_live_payment_is_shown(academy: Academy) -> None:
    """
    The student began anew by the checkout meanwhile.
    """
    first = await failed(academy)
    second = await academy.opens()

    with pytest.raises(LiveAttemptExists) as refused:
        await academy.retries(first.id)

    assert refused.value.payment == second.id


async def test_a_course_that_is_open_is_not_paid_again(academy: Academy) -> None:
    """
    Another payment opened it meanwhile.
    """
    first = await failed(academy)
    second = await academy.opens()
    academy.gateway.pay(second.id)
    await academy.hears(second.id)

    with pytest.raises(AlreadyEnrolled):
        await academy.retries(first.id)


async def test_a_payment_is_tried_again_once(academy: Academy) -> None:
    """
    The next try is of its retry, which the refusal names.
    """
    first = await failed(academy)
    second = await declined(academy, await academy.retries(first.id))

    refused = await refusal_of(academy, first.id)

    assert (refused.reason, refused.payment) == (RetryRefusal.RETRIED_ALREADY, second.id)


async def test_three_times_and_no_more(academy: Academy) -> None:
    """
    Each retry is of the one before.
    """
    last = await failed(academy)
    for number in (1, 2, 3):
        last = await declined(academy, await academy.retries(last.id))
        assert last.retry is not None
        assert last.retry.number == number

    assert (await refusal_of(academy, last.id)).reason is RetryRefusal.TOO_MANY


async def test_within_a_day_of_the_first(academy: Academy) -> None:
    """
    To the instant, also for the retry of a retry.
    """
    first = await failed(academy)
    academy.clock.move(first.opened_at + RETRY_WITHIN - MINUTE - academy.clock.now())
    second = await declined(academy, await academy.retries(first.id))
    academy.clock.move(MINUTE)

    assert (await refusal_of(academy, second.id)).reason is RetryRefusal.TOO_LATE


async def test_what_needs_mending_is_not_tried_again(academy: Academy) -> None:
    """
    The gateway called the order invalid.
    """
    academy.gateway.fail_next(OPEN, Fault.REFUSED)
    with pytest.raises(GatewayRefused):
        await academy.opens()

    assert (await refusal_of(academy, payment_id(1))).reason is RetryRefusal.NOT_RETRIABLE


async def test_money_under_review_is_not_paid_over(academy: Academy) -> None:
    """
    Another amount than ours was charged.
    """
    first = await failed(academy)
    store = academy.memory.store
    flagged = replace(academy.payment(first.id), attention=Attention.AMOUNT_DIFFERS)
    store.payments[first.id] = flagged

    assert (await refusal_of(academy, first.id)).reason is RetryRefusal.UNDER_REVIEW


async def test_anothers_payment_is_not_found(academy: Academy) -> None:
    """
    Nor an unknown one; the refusal is audited.
    """
    first = await failed(academy)

    for payment, who in ((first.id, RAVI), (payment_id(99), ASHA)):
        with pytest.raises(NotFound):
            await academy.retries(payment, who)

    assert [line.facts["refusal"] for line in academy.audited("payment.refused")] == [
        "NotFound",
        "NotFound",
    ]


async def test_a_storage_that_is_away_is_not_audited(academy: Academy) -> None:
    """
    Where nothing can be read, nothing can be written.
    """
    first = await failed(academy)
    academy.memory.unit_of_work.trouble.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await academy.retries(first.id)

    assert not academy.audited("payment.refused")


async def test_another_price_is_not_taken_unseen(academy: Academy) -> None:
    """
    The course became dearer between the two.
    """
    first = await failed(academy)
    academy.sells(rupees=2360)

    with pytest.raises(PriceChanged):
        await academy.retries(first.id)

    assert academy.payment(first.id).retried_as is None


async def test_the_discount_has_to_hold_still(academy: Academy) -> None:
    """
    Its slot was given back at the failure: whoever comes first has it now.
    """
    academy.offers(a_code(total_limit=1))
    first = await failed(academy, code="TEN")
    second = await academy.retries(first.id)
    assert (second.redemption, academy.uses().total) == (Redemption.RESERVED, 1)
    await declined(academy, second)
    await academy.opens(RAVI, code="TEN")

    with pytest.raises(DiscountRefused):
        await academy.retries(second.id)


async def test_a_retry_without_a_page_costs_no_try(academy: Academy) -> None:
    """
    The gateway went away in between: the same request works later, with the same number.
    """
    first = await failed(academy)
    academy.gateway.fail_next(OPEN, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await academy.retries(first.id, key=KEY)
    lost = academy.payment(first.id).retried_as

    second = await academy.retries(first.id, key=KEY)

    assert second.id != lost
    assert second.retry is not None
    assert second.retry.number == 1
    assert academy.payment(first.id).retried_as == second.id


async def test_while_the_bank_rests_nothing_is_tried_again(academy: Academy) -> None:
    """
    The old payment stays as it was, to be tried again as soon as the rest is over.
    """
    first = await failed(academy)
    academy.bank_rest = timedelta(seconds=7)
    with pytest.raises(GatewayAway):
        await academy.retries(first.id)

    assert academy.payment(first.id).retried_as is None
    academy.bank_rest = None
    assert (await academy.retries(first.id)).retry is not None


async def test_the_same_key_is_answered_alike(academy: Academy) -> None:
    """
    Also when the retry has failed since.
    """
    first = await failed(academy)
    second = await academy.retries(first.id, key=KEY)
    await declined(academy, second)
    calls = academy.gateway.calls.copy()

    assert (await academy.retries(first.id, key=KEY)).id == second.id
    assert academy.gateway.calls == calls


async def test_a_key_means_one_request(academy: Academy) -> None:
    """
    Another body is refused.
    """
    first = await failed(academy)
    await academy.retries(first.id, key=KEY)

    with pytest.raises(KeyReused):
        await academy.retries(first.id, key=KEY, body="x")


async def test_an_unknown_outcome_is_resumed_under_its_key(academy: Academy) -> None:
    """
    The bank opened the page and its answer was lost: the same order, asked for again.
    """
    first = await failed(academy)
    academy.gateway.fail_next(OPEN, Fault.UNCLEAR_AFTER)
    with pytest.raises(GatewayUnclear):
        await academy.retries(first.id, key=KEY)

    second = await academy.retries(first.id, key=KEY)

    assert second.id == academy.payment(first.id).retried_as
    assert second.gateway_order is not None
    assert len(academy.memory.store.payments) == 2


async def test_a_key_is_busy_while_somebody_works_on_it(academy: Academy) -> None:
    """
    The bank is still opening the page.
    """
    first = await failed(academy)
    told = []

    async def again() -> None:
        with pytest.raises(KeyBusy) as busy:
            await academy.retries(first.id, key=KEY)
        told.append(busy.value.retry_after)

    academy.gateway.meanwhile.append(again)
    await academy.retries(first.id, key=KEY)

    assert told == [CALL_MAX]


async def test_the_key_was_taken_during_the_question(academy: Academy) -> None:
    """
    Two requests with one key looked at the same time: the second is told of the first.
    """
    first = await failed(academy)
    told = []
    elsewhere = replace(academy.retry, read_order=ReadOrder(academy.gateway))

    async def other() -> None:
        told.append(await elsewhere(retry_of(first.id, key=KEY)))

    academy.gateway.meanwhile_reading.append(other)
    repeated = await academy.retries(first.id, key=KEY)

    assert [payment.id for payment in told] == [repeated.id]
    assert len(academy.memory.store.payments) == 2


async def test_what_came_to_nothing_while_unknown_is_tried_anew_from_there(
    academy: Academy,
) -> None:
    """
    The session of the unknown retry ran out: it counts, and the next try is of it.
    """
    first = await failed(academy)
    academy.gateway.fail_next(OPEN, Fault.UNCLEAR_AFTER)
    with pytest.raises(GatewayUnclear):
        await academy.retries(first.id, key=KEY)
    academy.clock.move(LAPSE)

    with pytest.raises(RetryRefused) as refused:
        await academy.retries(first.id, key=KEY)

    assert refused.value.reason is RetryRefusal.RETRIED_ALREADY
    third = await academy.retries(refused.value.payment)
    assert third.retry is not None
    assert third.retry.number == 2


async def test_the_status_tells_until_when(academy: Academy) -> None:
    """
    Until a day after the first attempt, and not once it was tried again.
    """
    first = await failed(academy)
    view = await academy.check_status(first.id, ASHA.id, BY_STATUS)
    assert view.retry_until == first.opened_at + RETRY_WITHIN

    second = await academy.retries(first.id)
    view = await academy.check_status(first.id, ASHA.id, BY_STATUS)
    assert (view.retry_until, view.retried_as) == (None, second.id)
    view = await academy.check_status(second.id, ASHA.id, BY_STATUS)
    assert (view.retry_until, view.retry_of) == (None, first.id)

    await declined(academy, second)
    academy.clock.move(first.opened_at + RETRY_WITHIN - academy.clock.now())
    view = await academy.check_status(second.id, ASHA.id, BY_STATUS)
    assert view.retry_until is None
