"""What came to nothing may have been paid after all: on the same page, after a failure, or late."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.script import Fault, Outcome
from application.checkout.idempotency import PaymentInProgress
from application.checkout.initiate_payment import AlreadyEnrolled, InitiatePaymentCommand
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.polling_schedule import UNSOLD_POLLED_FOR
from entrypoints.wiring.use_cases.order_status import BROWSER_WAITS_MAX
from fakes.samples import (
    ASHA,
    ASHAS_BILL,
    BY_ASHA,
    BY_STATUS,
    LAPSE,
    a_code,
    only_reason,
    payment_id,
)
from ports.payments.payment_gateway import GatewayOperation, GatewayRefused
from worlds.memory import KEY, STATUS_INTERVAL, MemoryWorld

OPEN, READ = GatewayOperation.CREATE_SESSION, GatewayOperation.READ_ORDER
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


async def failed(world: MemoryWorld, *, code: str | None = None) -> Payment:
    """Return a payment whose first attempt the bank declined, as its webhook told us."""
    payment = await world.begin_payment(code=code)
    world.gateway.pay(payment.id, Outcome.FAILURE)
    return await world.deliver_webhook(payment.id)


async def expired(world: MemoryWorld, *, code: str | None = None) -> Payment:
    """Return a payment whose session lapsed, as the sweeper found it."""
    payment = await world.begin_payment(code=code)
    world.clock.move(LAPSE)
    await world.poll_orders()
    return world.payment(payment.id)


@pytest.mark.parametrize("ended", [failed, expired])
async def test_a_lost_webhook_after_a_failed_attempt_is_found_by_the_sweeper(
    world: MemoryWorld, ended: Callable[..., Awaitable[Payment]]
) -> None:
    """
    The student paid on the page that was still open, and nobody told us: the course opens all the same.
    """
    world.add_code(a_code(total_limit=1))
    payment = await ended(world, code="TEN")
    assert payment.state.is_unsold
    assert payment.reservation is DiscountReservation.RELEASED
    world.gateway.pay(payment.id)
    world.clock.move(MINUTE)

    assert await world.poll_orders() == 1

    store, sold = world.memory.store, world.payment(payment.id)
    assert (sold.state, sold.reservation) == (State.SUCCESS, DiscountReservation.HONOURED_LATE)
    assert list(store.enrolments) == [payment.id]
    assert {row.payment for row in store.outbox.values()} == {payment.id}
    assert len(world.dead_letters) == 1
    while await world.relay_outbox():
        pass
    assert [letter.to for letter in world.mail.letters] == [ASHA.email]
    view = await world.check_status(payment.id, ASHA.id, BY_STATUS)
    assert (view.status, view.enrolled, view.failure_reason) == ("success", True, None)
    world.clock.move(timedelta(hours=1))
    assert await world.poll_orders() == 0


@pytest.mark.parametrize("ended", [failed, expired])
async def test_the_status_page_asks_about_what_came_to_nothing(
    world: MemoryWorld, ended: Callable[..., Awaitable[Payment]]
) -> None:
    """
    As rarely as about any other payment, until a day after the session; then it stays as it ended.
    """
    payment = await ended(world)
    reads = world.gateway.calls[READ]
    world.clock.move(payment.expires_at + UNSOLD_POLLED_FOR - MOMENT - world.clock.now())
    for _ in range(2):
        await world.ask_status(payment.id)
    assert world.gateway.calls[READ] == reads + 1

    world.clock.move(MOMENT + STATUS_INTERVAL)
    view = await world.check_status(payment.id, ASHA.id, BY_STATUS)
    assert view.status == payment.state
    assert world.gateway.calls[READ] == reads + 1


async def test_the_status_page_finds_the_money(world: MemoryWorld) -> None:
    """
    "Failed" becomes "paid" in one answer.
    """
    payment = await failed(world)
    world.gateway.pay(payment.id)

    view = await world.check_status(payment.id, ASHA.id, BY_STATUS)

    assert (view.status, view.enrolled, view.failure_reason) == ("success", True, None)


@pytest.mark.parametrize("ended", [failed, expired])
async def test_who_has_paid_is_not_asked_to_pay_again(
    world: MemoryWorld, ended: Callable[..., Awaitable[Payment]]
) -> None:
    """
    The bank is asked before a second payment is opened, and said "charged".
    """
    payment = await ended(world)
    world.gateway.pay(payment.id)

    with pytest.raises(AlreadyEnrolled):
        await world.begin_payment()

    assert world.payment(payment.id).state is State.SUCCESS
    assert list(world.memory.store.payments) == [payment.id]
    assert world.gateway.calls[OPEN] == 1


async def test_who_has_not_paid_pays_anew_after_one_question(world: MemoryWorld) -> None:
    """
    Still declined: one read, then the new page.
    """
    first = await failed(world)
    reads = world.gateway.calls[READ]

    second = await world.begin_payment()

    assert (second.state, world.payment(first.id).state) == (State.PENDING, State.FAILED)
    assert second.gateway_order is not None
    assert world.gateway.calls[READ] == reads + 1


async def test_a_silent_bank_does_not_hold_the_student_back(world: MemoryWorld) -> None:
    """
    Without an answer they may pay anew; if both turn out paid, the second is marked.
    """
    first = await failed(world)
    world.gateway.pay(first.id)
    world.gateway.fail_next(READ, Fault.DOWN)

    second = await world.begin_payment()

    assert (second.state, world.payment(first.id).state) == (State.PENDING, State.FAILED)
    world.gateway.pay(second.id)
    await world.deliver_webhook(second.id)
    world.clock.move(MINUTE)
    await world.poll_orders()
    assert [world.payment(each.id).state for each in (first, second)] == [State.SUCCESS] * 2
    assert list(world.memory.store.enrolments) == [second.id]
    assert only_reason(world.payment(first.id)) is not None


async def test_the_key_was_claimed_while_the_bank_was_asked(world: MemoryWorld) -> None:
    """
    Two requests with one key refresh the failed payment at once: the second gets the payment of the first.
    """
    failure = await failed(world)
    begun: list[Payment] = []
    read_order = ReadOrder(world.gateway)
    elsewhere = replace(
        world.initiate, refresh_order=RefreshOrder(read_order, world.apply, BROWSER_WAITS_MAX)
    )

    async def other() -> None:
        begun.append(
            await elsewhere(
                InitiatePaymentCommand(
                    student=ASHA,
                    course=failure.course,
                    buyer=ASHAS_BILL,
                    code=None,
                    key=KEY,
                    body_sha256="a" * 64,
                    origin=BY_ASHA,
                )
            )
        )

    world.gateway.meanwhile_reading.append(other)
    repeated = await world.begin_payment(key=KEY)

    assert [payment.id for payment in begun] == [repeated.id]
    assert set(world.memory.store.payments) == {failure.id, repeated.id}


async def test_the_newest_of_several_is_asked_about(world: MemoryWorld) -> None:
    """
    The older was asked about when the newer was opened.
    """
    await failed(world)
    world.clock.move(MINUTE)
    newer = await failed(world)
    world.gateway.pay(newer.id)

    with pytest.raises(AlreadyEnrolled):
        await world.begin_payment()


async def test_what_had_no_page_is_not_asked_about(world: MemoryWorld) -> None:
    """
    Nobody can have paid where nobody could.
    """
    world.gateway.fail_next(OPEN, Fault.REFUSED)
    with pytest.raises(GatewayRefused):
        await world.begin_payment()
    world.clock.move(MINUTE)

    assert await world.poll_orders() == 0
    await world.ask_status(payment_id(1))
    assert (await world.begin_payment()).state is State.PENDING
    assert not world.gateway.calls[READ]


async def test_a_live_payment_is_shown_without_a_question_about_an_older_one(
    world: MemoryWorld,
) -> None:
    """
    There is a page to go on with; the older one is the sweeper's.
    """
    await failed(world)
    await world.begin_payment()
    reads = world.gateway.calls[READ]

    with pytest.raises(PaymentInProgress):
        await world.begin_payment()

    assert world.gateway.calls[READ] == reads


async def test_what_was_just_looked_at_is_not_asked_about_again(world: MemoryWorld) -> None:
    """
    An overdue payment is asked about once on the way to the next one.
    """
    await world.begin_payment()
    world.clock.move(LAPSE)

    await world.begin_payment()

    assert world.gateway.calls[READ] == 1


async def test_after_a_day_nobody_is_asked(world: MemoryWorld) -> None:
    """
    Neither by the poller nor before a new payment; its last question is asked when the day is over.
    """
    await failed(world)
    world.clock.move(UNSOLD_POLLED_FOR)
    assert await world.poll_orders() == 1
    reads = world.gateway.calls[READ]

    world.clock.move(timedelta(days=30))
    assert await world.poll_orders() == 0
    assert not world.memory.store.order_polls
    await world.begin_payment()
    assert world.gateway.calls[READ] == reads
