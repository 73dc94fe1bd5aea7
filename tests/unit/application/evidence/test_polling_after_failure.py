"""What came to nothing may have been paid after all: on the same page, after a failure, or late."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.fake.script import Fault, Operation, Outcome
from application.checkout.idempotency import LiveAttemptExists
from application.checkout.initiate_payment import AlreadyEnrolled
from domain.payments.discount_reservation import Redemption
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.polling_schedule import UNSOLD_WATCHED_FOR
from fakes.samples import ASHA, BY_STATUS, LAPSE, a_code, payment_id
from ports.payments.payment_gateway import GatewayRefused
from worlds.memory import STATUS_INTERVAL, Academy

OPEN, READ = Operation.CREATE_SESSION, Operation.READ_ORDER
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


async def failed(academy: Academy, *, code: str | None = None) -> Payment:
    """Return a payment whose first attempt the bank declined, as its webhook told us."""
    payment = await academy.opens(code=code)
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    return await academy.hears(payment.id)


async def expired(academy: Academy, *, code: str | None = None) -> Payment:
    """Return a payment whose session lapsed, as the sweeper found it."""
    payment = await academy.opens(code=code)
    academy.clock.move(LAPSE)
    await academy.poll()
    return academy.payment(payment.id)


@pytest.mark.parametrize("ended", [failed, expired])
async def test_a_lost_webhook_after_a_failed_attempt_is_found_by_the_sweeper(
    academy: Academy, ended: Callable[..., Awaitable[Payment]]
) -> None:
    """
    The student paid on the page that was still open, and nobody told us: the course opens all the same.
    """
    academy.offers(a_code(total_limit=1))
    payment = await ended(academy, code="TEN")
    assert payment.state.is_unsold
    assert payment.redemption is Redemption.RELEASED
    academy.gateway.pay(payment.id)
    academy.clock.move(MINUTE)

    assert await academy.poll() == 1

    store, sold = academy.memory.store, academy.payment(payment.id)
    assert (sold.state, sold.redemption) == (State.SUCCESS, Redemption.HONOURED_LATE)
    assert list(store.enrolments) == [payment.id]
    assert {row.payment for row in store.outbox.values()} == {payment.id}
    assert len(academy.errands) == 1
    while await academy.relay():
        pass
    assert [letter.to for letter in academy.mail.letters] == [ASHA.email]
    view = await academy.check_status(payment.id, ASHA.id, BY_STATUS)
    assert (view.status, view.enrolled, view.failure_reason) == ("success", True, None)
    academy.clock.move(timedelta(hours=1))
    assert await academy.poll() == 0


@pytest.mark.parametrize("ended", [failed, expired])
async def test_the_status_page_asks_about_what_came_to_nothing(
    academy: Academy, ended: Callable[..., Awaitable[Payment]]
) -> None:
    """
    As rarely as about any other payment, until a day after the session; then it stays as it ended.
    """
    payment = await ended(academy)
    reads = academy.gateway.calls[READ]
    academy.clock.move(payment.expires_at + UNSOLD_WATCHED_FOR - MOMENT - academy.clock.now())
    for _ in range(2):
        await academy.asks(payment.id)
    assert academy.gateway.calls[READ] == reads + 1

    academy.clock.move(MOMENT + STATUS_INTERVAL)
    view = await academy.check_status(payment.id, ASHA.id, BY_STATUS)
    assert view.status == payment.state
    assert academy.gateway.calls[READ] == reads + 1


async def test_the_status_page_finds_the_money(academy: Academy) -> None:
    """
    "Failed" becomes "paid" in one answer.
    """
    payment = await failed(academy)
    academy.gateway.pay(payment.id)

    view = await academy.check_status(payment.id, ASHA.id, BY_STATUS)

    assert (view.status, view.enrolled, view.failure_reason) == ("success", True, None)


@pytest.mark.parametrize("ended", [failed, expired])
async def test_who_has_paid_is_not_asked_to_pay_again(
    academy: Academy, ended: Callable[..., Awaitable[Payment]]
) -> None:
    """
    The bank is asked before a second payment is opened, and said "charged".
    """
    payment = await ended(academy)
    academy.gateway.pay(payment.id)

    with pytest.raises(AlreadyEnrolled):
        await academy.opens()

    assert academy.payment(payment.id).state is State.SUCCESS
    assert list(academy.memory.store.payments) == [payment.id]
    assert academy.gateway.calls[OPEN] == 1


async def test_who_has_not_paid_pays_anew_after_one_question(academy: Academy) -> None:
    """
    Still declined: one read, then the new page.
    """
    first = await failed(academy)
    reads = academy.gateway.calls[READ]

    second = await academy.opens()

    assert (second.state, academy.payment(first.id).state) == (State.PENDING, State.FAILED)
    assert second.gateway_order is not None
    assert academy.gateway.calls[READ] == reads + 1


async def test_a_silent_bank_does_not_hold_the_student_back(academy: Academy) -> None:
    """
    Without an answer they may pay anew; if both turn out paid, the second is marked.
    """
    first = await failed(academy)
    academy.gateway.pay(first.id)
    academy.gateway.fail_next(READ, Fault.DOWN)

    second = await academy.opens()

    assert (second.state, academy.payment(first.id).state) == (State.PENDING, State.FAILED)
    academy.gateway.pay(second.id)
    await academy.hears(second.id)
    academy.clock.move(MINUTE)
    await academy.poll()
    assert [academy.payment(each.id).state for each in (first, second)] == [State.SUCCESS] * 2
    assert list(academy.memory.store.enrolments) == [second.id]
    assert academy.payment(first.id).attention is not None


async def test_the_newest_of_several_is_asked_about(academy: Academy) -> None:
    """
    The older was asked about when the newer was opened.
    """
    await failed(academy)
    academy.clock.move(MINUTE)
    newer = await failed(academy)
    academy.gateway.pay(newer.id)

    with pytest.raises(AlreadyEnrolled):
        await academy.opens()


async def test_what_had_no_page_is_not_asked_about(academy: Academy) -> None:
    """
    Nobody can have paid where nobody could.
    """
    academy.gateway.fail_next(OPEN, Fault.REFUSED)
    with pytest.raises(GatewayRefused):
        await academy.opens()
    academy.clock.move(MINUTE)

    assert await academy.poll() == 0
    await academy.asks(payment_id(1))
    assert (await academy.opens()).state is State.PENDING
    assert not academy.gateway.calls[READ]


async def test_a_live_payment_is_shown_without_a_question_about_an_older_one(
    academy: Academy,
) -> None:
    """
    There is a page to go on with; the older one is the sweeper's.
    """
    await failed(academy)
    await academy.opens()
    reads = academy.gateway.calls[READ]

    with pytest.raises(LiveAttemptExists):
        await academy.opens()

    assert academy.gateway.calls[READ] == reads


async def test_what_was_just_looked_at_is_not_asked_about_again(academy: Academy) -> None:
    """
    An overdue payment is asked about once on the way to the next one.
    """
    await academy.opens()
    academy.clock.move(LAPSE)

    await academy.opens()

    assert academy.gateway.calls[READ] == 1


async def test_after_a_day_nobody_is_asked(academy: Academy) -> None:
    """
    Neither by the poller nor before a new payment; its last question is asked when the day is over.
    """
    await failed(academy)
    academy.clock.move(UNSOLD_WATCHED_FOR)
    assert await academy.poll() == 1
    reads = academy.gateway.calls[READ]

    academy.clock.move(timedelta(days=30))
    assert await academy.poll() == 0
    assert not academy.memory.store.questions
    await academy.opens()
    assert academy.gateway.calls[READ] == reads
