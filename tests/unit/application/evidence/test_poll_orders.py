"""The poller: everything not final is asked about in time, settled by answers only, and never forgotten."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from adapters.fake.script import Fault, Outcome
from application.evidence.poll_orders import BY_POLLER
from domain.identifiers import PaymentId
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.payments.polling_schedule import JITTER_STEPS, SCHEDULE, UNANSWERED_RETRY_AFTER
from fakes.payments.order_polls import MemoryOrderPolls
from fakes.samples import BY_STATUS, LAPSE, RAVI, a_code, only_reason, payment_id
from ports.alerts import AlertKind
from ports.payments.order_polls import OrderPoll
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.memory import CALL_MAX, MemoryWorld

READ = GatewayOperation.READ_ORDER
MOMENT = timedelta(microseconds=1)
FIRST = SCHEDULE[0]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def polled(world: MemoryWorld, span: timedelta, every: timedelta = MINUTE) -> list[timedelta]:
    """Return when, within *span*, the bank was asked about the one payment there is."""
    begun, asked = world.clock.now(), []
    while world.clock.now() < begun + span:
        world.clock.move(every)
        asked += [world.clock.now() - begun] * await world.poll_orders()
    return asked


async def test_a_sale_nobody_told_of_is_found_within_seconds(world: MemoryWorld) -> None:
    """
    Webhooks lost, browser closed: the first question finds it.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    world.clock.move(FIRST - MOMENT)
    assert await world.poll_orders() == 0

    world.clock.move(MOMENT)
    assert await world.poll_orders() == 1

    assert world.payment(payment.id).state is State.SUCCESS
    assert world.audited("payment.moved")[0].origin == BY_POLLER
    assert not world.memory.store.order_polls


async def test_an_overdue_session_lapses_after_a_last_question(world: MemoryWorld) -> None:
    """
    To the instant; place and slot are free, and the trail names the poller.
    """
    world.add_code(a_code(total_limit=1))
    payment = await world.begin_payment(code="TEN")
    world.clock.move(LAPSE - MOMENT)
    assert await world.poll_orders() == 1
    assert world.payment(payment.id).state is State.PENDING

    world.clock.move(MOMENT)
    assert await world.poll_orders() == 1

    lapsed = world.payment(payment.id)
    assert (lapsed.state, lapsed.failure, lapsed.reservation) == (
        State.EXPIRED,
        FailureReason.SESSION_EXPIRED,
        DiscountReservation.RELEASED,
    )
    assert world.audited("payment.moved")[0].origin == BY_POLLER
    assert (await world.begin_payment(code="TEN")).state is State.PENDING


async def test_silence_settles_nothing(
    world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Without an answer the payment stays, and is asked about again after a minute.
    """
    payment = await world.begin_payment()
    world.clock.move(LAPSE)
    world.gateway.fail_next(READ, Fault.DOWN)

    assert await world.poll_orders() == 1

    assert world.payment(payment.id).state is State.PENDING
    assert [line.__dict__["trouble"] for line in caplog.records] == ["GatewayDown"]
    world.clock.move(MINUTE - MOMENT)
    assert await world.poll_orders() == 0
    world.clock.move(MOMENT)
    assert await world.poll_orders() == 1
    assert world.payment(payment.id).state is State.EXPIRED


async def test_what_the_bank_is_busy_with_does_not_lapse(world: MemoryWorld) -> None:
    """
    Its schedule begins anew with the attempt; its end comes from the bank.
    """
    payment = await world.begin_payment()
    world.clock.move(LAPSE - 2 * MINUTE)
    world.gateway.pay(payment.id, Outcome.PENDING)
    await world.deliver_webhook(payment.id)

    assert len(await polled(world, 90 * timedelta(seconds=1), timedelta(seconds=1))) == 6
    assert world.payment(payment.id).state is State.PROCESSING

    world.gateway.pay(payment.id)
    world.clock.move(MINUTE)
    await world.poll_orders()
    assert world.payment(payment.id).state is State.SUCCESS


async def test_a_move_that_the_poller_finds_begins_anew_too(world: MemoryWorld) -> None:
    """
    Busy since the question at the session's end: asked again after 15 seconds.
    """
    payment = await world.begin_payment()
    world.clock.move(LAPSE)
    world.gateway.pay(payment.id, Outcome.PENDING)
    await world.poll_orders()
    assert world.payment(payment.id).state is State.PROCESSING

    world.clock.move(FIRST)
    assert await world.poll_orders() == 1


async def test_an_order_the_bank_never_heard_of_lapses(world: MemoryWorld) -> None:
    """
    The asker died before the bank was asked.
    """
    payment = await world.begin_payment()
    world.gateway.orders.clear()
    world.clock.move(LAPSE)

    await world.poll_orders()

    assert world.payment(payment.id).state is State.EXPIRED


async def test_a_failed_payment_costs_few_questions(world: MemoryWorld) -> None:
    """
    Often at first and ever more rarely, for a day; then nobody asks any more.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    await world.deliver_webhook(payment.id)

    asked = await polled(world, 3 * DAY)

    assert asked[-1] == DAY
    assert len(asked) < 15
    assert not world.memory.store.order_polls
    assert not world.alerts.called


@pytest.mark.no_cover
async def test_a_payment_that_never_ends_calls_a_person(world: MemoryWorld) -> None:
    """
    Flagged once after a day, called about daily, buried after ten days, never declared failed.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.PENDING)
    await world.deliver_webhook(payment.id)
    assert not (await polled(world, DAY - MINUTE))[20:]
    assert not world.alerts.called

    await polled(world, 12 * DAY)

    stuck = world.payment(payment.id)
    assert (stuck.state, only_reason(stuck)) == (State.PROCESSING, ReviewReason.UNRESOLVED)
    assert len(world.audited("payment.flagged")) == 1
    assert len(world.alerts.called) == 10
    alert = world.alerts.called[0]
    assert (alert.kind, alert.subject) == (AlertKind.PAYMENT_UNRESOLVED, payment.id)
    assert [row.state for row in world.memory.store.order_polls.values()] == ["dead"]


@pytest.mark.parametrize(
    ("outcome", "state"), [(Outcome.SUCCESS, State.SUCCESS), (Outcome.FAILURE, State.FAILED)]
)
async def test_what_is_resolved_after_all_needs_nobody(
    world: MemoryWorld, outcome: Outcome, state: State
) -> None:
    """
    Late news ends the flag, also of what was buried.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.PENDING)
    await world.deliver_webhook(payment.id)
    await polled(world, 12 * DAY, DAY / 4)
    assert only_reason(world.payment(payment.id)) is ReviewReason.UNRESOLVED

    world.gateway.pay(payment.id, outcome)
    await world.deliver_webhook(payment.id)

    ended = world.payment(payment.id)
    assert (ended.state, only_reason(ended)) == (state, None)
    assert len(world.memory.store.order_polls) == (state is State.FAILED)


async def test_a_bank_that_is_silent_for_days_declares_nothing(world: MemoryWorld) -> None:
    """
    Unknown stays unknown: flagged, called about, buried; found when the bank is back.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    world.gateway.fail_next(READ, Fault.DOWN, times=10_000)

    await polled(world, 12 * DAY, DAY / 24)

    stuck = world.payment(payment.id)
    assert (stuck.state, only_reason(stuck)) == (State.PENDING, ReviewReason.UNRESOLVED)
    assert world.alerts.called
    assert [row.state for row in world.memory.store.order_polls.values()] == ["dead"]


async def test_the_poll_of_a_failure_that_nobody_confirms_is_buried(world: MemoryWorld) -> None:
    """
    The bank said "declined" once and fell silent: it is not let go after a day as if confirmed.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    await world.deliver_webhook(payment.id)
    world.gateway.fail_next(READ, Fault.DOWN, times=10_000)

    asked = await polled(world, 12 * DAY, DAY / 24)

    assert asked[-1] > 9 * DAY
    assert world.payment(payment.id).state is State.FAILED
    assert [row.state for row in world.memory.store.order_polls.values()] == ["dead"]


async def test_chance_puts_a_question_off(world: MemoryWorld) -> None:
    """
    By a tenth of its step at most.
    """
    await world.begin_payment()
    world.jitter = JITTER_STEPS // 2
    world.clock.move(FIRST)
    await world.poll_orders()

    (row,) = world.memory.store.order_polls.values()
    assert row.due_at - row.since == 2 * FIRST + FIRST / 20


@dataclass(frozen=True, slots=True)
class OnlyThis(MemoryOrderPolls):
    """What a worker sees that was paused right after its claim."""

    mine: OrderPoll

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OrderPoll]:  # noqa: ARG002 - long claimed
        return [self.mine]


async def test_a_worker_whose_lease_ran_out_writes_nothing(
    world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """
    It was paused between claim and answer: the other's word stands, its own is dropped and logged.
    """
    caplog.set_level(logging.INFO)
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.PENDING)
    world.clock.move(FIRST)
    (mine,) = await world.memory.order_polls.claim(world.clock.now(), lease=CALL_MAX, at_most=1)
    world.clock.move(CALL_MAX)
    assert await world.poll_orders() == 1
    moved = world.payment(payment.id)
    world.gateway.pay(payment.id)

    await replace(world.poll_orders, order_polls=OnlyThis(world.memory.store, mine))()

    assert world.payment(payment.id) == moved
    assert moved.state is State.PROCESSING
    assert [line.message for line in caplog.records] == ["queue.lease_lost"]


async def test_what_moved_meanwhile_is_asked_about_anew(world: MemoryWorld) -> None:
    """
    The webhook came while the poller read: its poll is not the one that counts any more.
    """
    payment = await world.begin_payment()
    world.clock.move(FIRST)
    said = await world.read_order(payment.id, payment.student.id)
    world.gateway.pay(payment.id, Outcome.FAILURE)
    declined = await world.read_order(payment.id, payment.student.id)
    world.gateway.answer(payment.id, said)

    async def webhook() -> None:
        await world.apply(declined, BY_STATUS)

    world.gateway.meanwhile_reading.append(webhook)
    assert await world.poll_orders() == 1

    assert world.payment(payment.id).state is State.FAILED
    assert [row.since for row in world.memory.store.order_polls.values()] == [world.clock.now()]


async def test_a_database_that_is_away_does_not_stop_the_others(world: MemoryWorld) -> None:
    """
    The poll of the one whose unit met a database that was away comes again when its lease is over.
    """
    await world.begin_payment()
    world.add_course("history")
    other = await world.begin_payment(course="history")
    world.gateway.pay(other.id)
    world.clock.move(FIRST)
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await world.poll_orders()

    states = {world.payment(payment_id(number)).state for number in (1, 2)}
    assert len(world.memory.store.order_polls) + (State.SUCCESS in states) == 2
    world.clock.move(CALL_MAX)
    await world.poll_orders()
    assert world.payment(other.id).state is State.SUCCESS


async def test_one_broken_entry_leaves_the_others_done(
    world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """
    What nobody foresaw is logged and asked about again after a while; the round goes on.
    """
    broken = await world.begin_payment()
    world.add_course("history")
    other = await world.begin_payment(course="history")
    world.gateway.pay(other.id)
    world.clock.move(FIRST)
    _break(world, broken.id)

    with caplog.at_level(logging.ERROR):
        assert await world.poll_orders() == 2

    assert world.payment(other.id).state is State.SUCCESS
    assert [record.message for record in caplog.records] == ["queue.entry_failed"]
    (row,) = world.memory.store.order_polls.values()
    assert (row.state, row.why) == ("open", "ValueError")
    assert row.due_at == world.clock.now() + UNANSWERED_RETRY_AFTER


async def test_a_poll_that_stays_broken_is_buried_in_the_end(world: MemoryWorld) -> None:
    """
    Ever more rarely, until the schedule ends; the payment stays as it is.
    """
    payment = await world.begin_payment()
    _break(world, payment.id)

    asked = await polled(world, 11 * DAY, every=10 * MINUTE)

    assert len(asked) < 120
    assert [(row.state, row.why) for row in world.memory.store.order_polls.values()] == [
        ("dead", "ValueError")
    ]
    assert world.payment(payment.id).state is State.PENDING


def _break(world: MemoryWorld, payment: PaymentId) -> None:
    """Let the bank hold the order under another student, which every read refuses."""
    order = world.gateway.orders[payment]
    order.asked = replace(order.asked, student=RAVI)
