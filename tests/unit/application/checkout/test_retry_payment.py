"""A retry: the bank is asked first, and one purchase is never knowingly paid twice."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.fake.script import Fault, Outcome
from application.checkout.idempotency import WAIT_MIN, PaymentInProgress
from application.checkout.initiate_payment import AlreadyEnrolled
from application.order_status.read_order import ReadOrder
from domain.catalogue.discount import DiscountRefused
from domain.catalogue.expected_quote import PriceChanged
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.payments.changed_details import ChangedDetail, PaymentDetail
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.retry import RETRY_WITHIN, RetryRefusal, RetryRefused
from domain.text.language import Language
from fakes.samples import ASHA, BY_STATUS, LAPSE, RAVI, a_code, payment_id, under_review
from ports.idempotency import IdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused
from ports.payments.payment_gateway import (
    GatewayDown,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
    GatewaySuspended,
)
from ports.unit_of_work import StorageUnavailable
from worlds.memory import MemoryWorld, retry_of

OPEN, READ = GatewayOperation.CREATE_SESSION, GatewayOperation.READ_ORDER
KEY: Final = IdempotencyKey(student=ASHA.id, route="retry", key="r-1")
MINUTE: Final = timedelta(minutes=1)


async def failed(world: MemoryWorld, *, code: str | None = None) -> Payment:
    """Return a payment that the bank declined, as its webhook told us."""
    payment = await world.begin_payment(code=code)
    return await declined(world, payment)


async def declined(world: MemoryWorld, payment: Payment) -> Payment:
    world.gateway.pay(payment.id, Outcome.FAILURE)
    return await world.deliver_webhook(payment.id)


async def expired(world: MemoryWorld) -> Payment:
    payment = await world.begin_payment()
    world.clock.move(LAPSE)
    await world.poll_orders()
    return world.payment(payment.id)


async def refusal_of(world: MemoryWorld, payment: PaymentId) -> RetryRefused:
    with pytest.raises(RetryRefused) as refused:
        await world.retry_payment(payment)
    return refused.value


@pytest.mark.parametrize("ended", [failed, expired])
async def test_a_retry_is_a_new_payment_for_the_same(
    world: MemoryWorld, ended: Callable[[MemoryWorld], Awaitable[Payment]]
) -> None:
    """
    With its own session, linked to the first; the first is read once at the bank, the retry audited.
    """
    first = await ended(world)
    reads = world.gateway.calls[READ]

    second = await world.retry_payment(first.id)

    assert second.gateway_order is not None
    assert second.retry is not None
    assert (second.retry.of, second.retry.first, second.retry.number) == (first.id, first.id, 1)
    assert world.payment(first.id).retried_as == second.id
    assert world.gateway.calls[READ] == reads + 1
    assert world.audited("payment.opened")[-1].facts["retry_of"] == first.id
    world.gateway.pay(second.id)
    assert (await world.deliver_webhook(second.id)).state is State.SUCCESS
    assert list(world.memory.store.enrolments) == [second.id]


async def test_a_retry_is_in_the_language_of_its_day(world: MemoryWorld) -> None:
    """
    The one that the student has chosen since; who has chosen none keeps that of the payment before.
    """
    first = await failed(world)
    second = await world.retry(replace(retry_of(first.id), language=Language.HINDI))
    await declined(world, second)
    third = await world.retry(retry_of(second.id))

    languages = [each.student.language for each in (first, second, third)]
    assert languages == [Language.ENGLISH, Language.HINDI, Language.HINDI]


async def test_an_overdue_payment_is_expired_first(world: MemoryWorld) -> None:
    """
    It was not polled yet; its session is over all the same.
    """
    first = await world.begin_payment()
    world.clock.move(LAPSE)

    second = await world.retry_payment(first.id)

    assert world.payment(first.id).state is State.EXPIRED
    assert second.retry is not None


async def test_within_the_grace_it_is_still_live(world: MemoryWorld) -> None:
    """
    The bank's page may still be open for a moment.
    """
    first = await world.begin_payment()
    world.clock.move(LAPSE - timedelta(seconds=1))

    with pytest.raises(PaymentInProgress):
        await world.retry_payment(first.id)


async def test_the_bank_charged_after_all(world: MemoryWorld) -> None:
    """
    The last read finds the money: a sale, and nothing to pay again.
    """
    first = await failed(world)
    world.gateway.pay(first.id)

    refused = await refusal_of(world, first.id)

    assert (refused.reason, refused.payment) == (RetryRefusal.PAID, first.id)
    assert world.payment(first.id).state is State.SUCCESS
    assert list(world.memory.store.payments) == [first.id]
    assert world.gateway.calls[OPEN] == 1


async def test_a_silent_bank_is_no_proof(world: MemoryWorld) -> None:
    """
    Unknown is not failed: without its answer nothing is opened.
    """
    first = await failed(world)
    world.gateway.fail_next(READ, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await world.retry_payment(first.id)

    assert list(world.memory.store.payments) == [first.id]
    assert world.payment(first.id).retried_as is None


async def test_news_between_the_read_and_the_retry_counts(world: MemoryWorld) -> None:
    """
    The late charge arrives after the answer that the retry waited for.
    """
    first = await failed(world)

    said = await world.read_order(first.id, ASHA.id)
    world.gateway.pay(first.id)
    charged = await world.read_order(first.id, ASHA.id)
    world.gateway.answer(first.id, said)

    async def late() -> None:
        await world.apply(charged, BY_STATUS)

    world.gateway.meanwhile_reading.append(late)

    assert (await refusal_of(world, first.id)).reason is RetryRefusal.PAID
    assert list(world.memory.store.payments) == [first.id]


async def test_what_is_live_is_continued(world: MemoryWorld) -> None:
    """
    The refusal names its page; the bank is not called.
    """
    first = await world.begin_payment()

    with pytest.raises(PaymentInProgress) as refused:
        await world.retry_payment(first.id)

    assert refused.value.payment == first.id
    assert not world.gateway.calls[READ]


async def test_another_live_payment_is_shown(world: MemoryWorld) -> None:
    """
    The student began anew by the checkout meanwhile, without the code of the first.
    """
    world.add_code(a_code())
    first = await failed(world, code="TEN")
    second = await world.begin_payment()

    with pytest.raises(PaymentInProgress) as refused:
        await world.retry_payment(first.id)

    assert refused.value.payment == second.id
    assert refused.value.differs == (
        ChangedDetail(PaymentDetail.DISCOUNT_CODE, None, "TEN"),
        ChangedDetail(PaymentDetail.PAYABLE, "1180.00", "1062.00"),
    )


async def test_a_course_that_is_open_is_not_paid_again(world: MemoryWorld) -> None:
    """
    Another payment opened it meanwhile.
    """
    first = await failed(world)
    second = await world.begin_payment()
    world.gateway.pay(second.id)
    await world.deliver_webhook(second.id)

    with pytest.raises(AlreadyEnrolled):
        await world.retry_payment(first.id)


async def test_a_payment_is_tried_again_once(world: MemoryWorld) -> None:
    """
    The next try is of its retry, which the refusal names.
    """
    first = await failed(world)
    second = await declined(world, await world.retry_payment(first.id))

    refused = await refusal_of(world, first.id)

    assert (refused.reason, refused.payment) == (RetryRefusal.RETRIED_ALREADY, second.id)


async def test_three_times_and_no_more(world: MemoryWorld) -> None:
    """
    Each retry is of the one before.
    """
    last = await failed(world)
    for number in (1, 2, 3):
        last = await declined(world, await world.retry_payment(last.id))
        assert last.retry is not None
        assert last.retry.number == number

    assert (await refusal_of(world, last.id)).reason is RetryRefusal.TOO_MANY


async def test_within_a_day_of_the_first(world: MemoryWorld) -> None:
    """
    To the instant, also for the retry of a retry.
    """
    first = await failed(world)
    world.clock.move(first.opened_at + RETRY_WITHIN - MINUTE - world.clock.now())
    second = await declined(world, await world.retry_payment(first.id))
    world.clock.move(MINUTE)

    assert (await refusal_of(world, second.id)).reason is RetryRefusal.TOO_LATE


async def test_an_order_the_gateway_refused_is_not_retried(world: MemoryWorld) -> None:
    """
    The gateway called the order invalid.
    """
    world.gateway.fail_next(OPEN, Fault.REFUSED)
    with pytest.raises(GatewayRefused):
        await world.begin_payment()

    assert (await refusal_of(world, payment_id(1))).reason is RetryRefusal.NOT_RETRIABLE


async def test_money_under_review_is_not_paid_over(world: MemoryWorld) -> None:
    """
    Another amount than ours was charged.
    """
    first = await failed(world)
    store = world.memory.store
    flagged = under_review(world.payment(first.id), ReviewReason.AMOUNT_DIFFERS)
    store.payments[first.id] = flagged

    assert (await refusal_of(world, first.id)).reason is RetryRefusal.UNDER_REVIEW


async def test_anothers_payment_is_not_found(world: MemoryWorld) -> None:
    """
    Nor an unknown one; the refusal is audited.
    """
    first = await failed(world)

    for payment, who in ((first.id, RAVI), (payment_id(99), ASHA)):
        with pytest.raises(NotFound):
            await world.retry_payment(payment, who)

    assert [line.facts["refusal"] for line in world.audited("payment.refused")] == [
        "NotFound",
        "NotFound",
    ]


async def test_an_unavailable_storage_is_not_audited(world: MemoryWorld) -> None:
    """
    Where nothing can be read, nothing can be written.
    """
    first = await failed(world)
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await world.retry_payment(first.id)

    assert not world.audited("payment.refused")


async def test_another_price_is_not_taken_unseen(world: MemoryWorld) -> None:
    """
    The course became dearer between the two.
    """
    first = await failed(world)
    world.add_course(rupees=2360)

    with pytest.raises(PriceChanged):
        await world.retry_payment(first.id)

    assert world.payment(first.id).retried_as is None


async def test_the_discount_has_to_hold_still(world: MemoryWorld) -> None:
    """
    Its slot was given back at the failure: whoever comes first has it now.
    """
    world.add_code(a_code(total_limit=1))
    first = await failed(world, code="TEN")
    second = await world.retry_payment(first.id)
    assert (second.reservation, world.code_uses().total) == (DiscountReservation.RESERVED, 1)
    await declined(world, second)
    await world.begin_payment(RAVI, code="TEN")

    with pytest.raises(DiscountRefused):
        await world.retry_payment(second.id)


async def test_a_retry_without_a_session_does_not_count(world: MemoryWorld) -> None:
    """
    The gateway was down: the same request works later, with the same number.
    """
    first = await failed(world)
    world.gateway.fail_next(OPEN, Fault.DOWN)
    with pytest.raises(GatewayDown):
        await world.retry_payment(first.id, key=KEY)
    lost = world.payment(first.id).retried_as

    second = await world.retry_payment(first.id, key=KEY)

    assert second.id != lost
    assert second.retry is not None
    assert second.retry.number == 1
    assert world.payment(first.id).retried_as == second.id


async def test_while_the_gateway_is_suspended_nothing_is_retried(world: MemoryWorld) -> None:
    """
    The old payment stays as it was, and can be retried after the suspension.
    """
    first = await failed(world)
    world.gateway_suspended_for = timedelta(seconds=7)
    with pytest.raises(GatewaySuspended):
        await world.retry_payment(first.id)

    assert world.payment(first.id).retried_as is None
    world.gateway_suspended_for = None
    assert (await world.retry_payment(first.id)).retry is not None


async def test_the_same_key_is_answered_alike(world: MemoryWorld) -> None:
    """
    Also when the retry has failed since.
    """
    first = await failed(world)
    second = await world.retry_payment(first.id, key=KEY)
    await declined(world, second)
    calls = world.gateway.calls.copy()

    again = await world.retry.answer(retry_of(first.id, key=KEY))

    assert (again.payment.id, again.replayed) == (second.id, True)
    assert world.gateway.calls == calls


async def test_a_key_means_one_request(world: MemoryWorld) -> None:
    """
    Another body is refused.
    """
    first = await failed(world)
    await world.retry_payment(first.id, key=KEY)

    with pytest.raises(IdempotencyKeyReused):
        await world.retry_payment(first.id, key=KEY, body="x")


async def test_an_unknown_outcome_is_resumed_under_its_key(world: MemoryWorld) -> None:
    """
    The bank created the session and its answer was lost: the same order, requested again.
    """
    first = await failed(world)
    world.gateway.fail_next(OPEN, Fault.LOST_ANSWER)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.retry_payment(first.id, key=KEY)

    second = await world.retry_payment(first.id, key=KEY)

    assert second.id == world.payment(first.id).retried_as
    assert second.gateway_order is not None
    assert len(world.memory.store.payments) == 2


@pytest.mark.parametrize("key", [None, replace(KEY, key="r-2")])
async def test_a_retry_that_was_not_answered_is_resumed_by_whoever_retries_again(
    world: MemoryWorld, key: IdempotencyKey | None
) -> None:
    """
    Also without the key of the first retry: it is the same order, and no second retry.
    """
    first = await failed(world)
    world.gateway.fail_next(OPEN, Fault.LOST_REQUEST)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.retry_payment(first.id)

    second = await world.retry_payment(first.id, key=key)

    assert second.id == world.payment(first.id).retried_as
    assert second.gateway_order is not None
    assert list(world.gateway.orders) == [first.id, second.id]


async def test_only_a_retry_of_the_same_payment_is_resumed(world: MemoryWorld) -> None:
    """
    What the student began anew by the checkout is shown, not taken for the retry.
    """
    first = await failed(world)
    world.gateway.fail_next(OPEN, Fault.LOST_REQUEST)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.begin_payment()

    with pytest.raises(PaymentInProgress):
        await world.retry_payment(first.id)


async def test_a_claimed_key_is_in_use(world: MemoryWorld) -> None:
    """
    The bank is still creating the session.
    """
    first = await failed(world)
    told = []

    async def again() -> None:
        with pytest.raises(IdempotencyKeyInUse) as busy:
            await world.retry_payment(first.id, key=KEY)
        told.append(busy.value.retry_after)

    world.gateway.meanwhile.append(again)
    await world.retry_payment(first.id, key=KEY)

    assert told == [WAIT_MIN]


async def test_the_key_was_claimed_during_the_read(world: MemoryWorld) -> None:
    """
    Two requests with one key read at the same time: the second gets the payment of the first.
    """
    first = await failed(world)
    told = []
    elsewhere = replace(world.retry, read_order=ReadOrder(world.gateway))

    async def other() -> None:
        told.append(await elsewhere(retry_of(first.id, key=KEY)))

    world.gateway.meanwhile_reading.append(other)
    repeated = await world.retry_payment(first.id, key=KEY)

    assert [payment.id for payment in told] == [repeated.id]
    assert len(world.memory.store.payments) == 2


async def test_what_came_to_nothing_while_unknown_is_tried_anew_from_there(
    world: MemoryWorld,
) -> None:
    """
    The session of the unknown retry ran out: it counts, and the next try is of it.
    """
    first = await failed(world)
    world.gateway.fail_next(OPEN, Fault.LOST_ANSWER)
    with pytest.raises(GatewayOutcomeUnknown):
        await world.retry_payment(first.id, key=KEY)
    world.clock.move(LAPSE)

    with pytest.raises(RetryRefused) as refused:
        await world.retry_payment(first.id, key=KEY)

    assert refused.value.reason is RetryRefusal.RETRIED_ALREADY
    third = await world.retry_payment(refused.value.payment)
    assert third.retry is not None
    assert third.retry.number == 2


async def test_the_status_tells_until_when(world: MemoryWorld) -> None:
    """
    Until a day after the first attempt, and not once it was tried again.
    """
    first = await failed(world)
    view = await world.check_status(first.id, ASHA.id, BY_STATUS)
    assert view.retry_until == first.opened_at + RETRY_WITHIN

    second = await world.retry_payment(first.id)
    view = await world.check_status(first.id, ASHA.id, BY_STATUS)
    assert (view.retry_until, view.retried_as) == (None, second.id)
    view = await world.check_status(second.id, ASHA.id, BY_STATUS)
    assert (view.retry_until, view.retry_of) == (None, first.id)

    await declined(world, second)
    world.clock.move(first.opened_at + RETRY_WITHIN - world.clock.now())
    view = await world.check_status(second.id, ASHA.id, BY_STATUS)
    assert view.retry_until is None
