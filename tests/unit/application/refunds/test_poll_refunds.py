"""Every refund is asked about until the bank says what became of it: on schedule, by one asker, to the end."""

import asyncio
import logging
from datetime import timedelta

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Fault
from application.refunds.poll_refunds import BATCH_MAX
from domain.errors import ChangedMeanwhile
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import OrderFacts, RefundVerdict, ReviewReason
from domain.payments.payment_state import State
from domain.payments.polling_schedule import JITTER_STEPS
from domain.payments.refund import OVERDUE_AFTER, RefundTooLarge
from domain.payments.refund_polling import (
    DEFAULT_SCHEDULE,
    HOURLY_FOR,
    POLLED_FOR,
    YOUNG_FOR,
    RefundPollingSchedule,
)
from domain.payments.refund_state import RefundState
from fakes.clock import NOON
from fakes.samples import LAPSE, RAVI, refund_id
from ports.alerts import AlertKind
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.memory import CALL_MAX, MemoryWorld
from worlds.refund_requests import RefundProcessing

PRICE = 1180_00
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def desk(world: MemoryWorld) -> RefundProcessing:
    return RefundProcessing(world)


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), DEFAULT_SCHEDULE.first),
        (YOUNG_FOR - MOMENT, DEFAULT_SCHEDULE.first),
        (YOUNG_FOR, HOUR),
        (HOURLY_FOR - MOMENT, HOUR),
        (HOURLY_FOR, DAY),
        (POLLED_FOR - MOMENT, DAY),
    ],
)
def test_looks_become_rarer(age: timedelta, wait: timedelta) -> None:
    """
    After minutes, then hourly, then daily.
    """
    assert DEFAULT_SCHEDULE.next_poll_at(NOON - age, NOON) == NOON + wait


def test_looks_have_an_end() -> None:
    """
    After a month, of which a person was called for twenty days.
    """
    assert DEFAULT_SCHEDULE.next_poll_at(NOON - POLLED_FOR, NOON) is None
    assert POLLED_FOR > 2 * OVERDUE_AFTER


def test_looks_come_a_little_late_by_chance() -> None:
    """
    Up to a tenth of the wait.
    """
    late = RefundPollingSchedule(jitter=lambda: JITTER_STEPS - 1)

    daily, first = late.next_poll_at(NOON - 2 * DAY, NOON), late.next_poll_at(NOON, NOON)
    assert daily is not None
    assert NOON + DAY < daily < NOON + DAY * 1.1
    assert first is not None
    assert first > NOON + late.first


async def test_nobody_asks_before_it_is_due(desk: RefundProcessing) -> None:
    """
    To the instant; and what was asked about waits for its next look.
    """
    sold = await desk.sold()
    await desk.asks(sold.id, PRICE)

    assert await desk.follows(DEFAULT_SCHEDULE.first - MOMENT) == 0
    assert await desk.follows(MOMENT) == 1
    assert await desk.follows(timedelta(0)) == 0


@pytest.mark.parametrize(
    ("verdict", "state", "review_reason"),
    [
        (RefundVerdict.PAID, RefundState.SUCCESS, None),
        (RefundVerdict.FAILED, RefundState.FAILED, ReviewReason.REFUND_FAILED),
    ],
)
async def test_an_end_is_found_and_ends_the_asking(
    desk: RefundProcessing,
    verdict: RefundVerdict,
    state: RefundState,
    review_reason: ReviewReason | None,
) -> None:
    """
    Without any webhook; a failed one gives its amount back and a person has to look.
    """
    sold = await desk.sold()
    refund = await desk.asks(sold.id, PRICE)
    desk.school.gateway.move_refund(sold.id, refund.id, verdict)

    assert await desk.follows() == 1
    assert await desk.follows(DAY) == 0

    now = desk.school.payment(sold.id)
    assert (now.refunds.get(refund.id).state, now.review_reason) == (state, review_reason)
    assert now.refundable == (Money(PRICE) if state is RefundState.FAILED else Money(0))
    moved = desk.school.audited("refund.moved")[-1]
    assert (moved.origin.actor, moved.origin.source) == ("system", "refund")


async def test_review_by_hand_is_no_end(desk: RefundProcessing) -> None:
    """
    A person is told, and the bank is asked on.
    """
    sold = await desk.sold()
    refund = await desk.asks(sold.id, PRICE)
    desk.school.gateway.move_refund(sold.id, refund.id, RefundVerdict.IN_REVIEW)

    await desk.follows()
    assert desk.school.payment(sold.id).review_reason is ReviewReason.REFUND_IN_REVIEW
    desk.school.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await desk.follows(DAY)

    now = desk.school.payment(sold.id)
    assert (now.state, now.review_reason) == (State.REFUNDED, None)


async def test_an_intent_that_died_before_the_call_is_sent(desk: RefundProcessing) -> None:
    """
    Read first, then asked for under its own id; a second round does not ask again.
    """
    sold = await desk.sold()
    desk.school.memory.unit_of_work.afterwards.append(_dies)

    with pytest.raises(KeyboardInterrupt):
        await desk.asks(sold.id, PRICE)
    refund = refund_id(1)
    assert desk.refund(sold.id, refund).state is RefundState.REQUESTED

    await desk.follows()
    await desk.follows()

    gateway = desk.school.gateway
    assert desk.refund(sold.id, refund).state is RefundState.PENDING
    assert (
        gateway.calls[GatewayOperation.REFUND],
        list(gateway.orders[sold.id].refunds.known),
    ) == (
        1,
        [refund],
    )


def _dies() -> None:
    raise KeyboardInterrupt


async def test_a_silent_bank_changes_nothing(desk: RefundProcessing) -> None:
    """
    It is asked again when the next look is due, and nothing is sent without having read.
    """
    sold = await desk.sold()
    desk.school.gateway.fail_next(GatewayOperation.REFUND, Fault.DOWN)
    refund = await desk.asks(sold.id, PRICE)
    desk.school.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    assert await desk.follows() == 1
    assert desk.refund(sold.id, refund.id).state is RefundState.REQUESTED
    assert desk.school.gateway.calls[GatewayOperation.REFUND] == 1

    assert await desk.follows() == 1
    assert desk.refund(sold.id, refund.id).state is RefundState.PENDING


async def test_two_followers_ask_once(desk: RefundProcessing) -> None:
    """
    The lease is one follower's.
    """
    sold = await desk.sold()
    await desk.asks(sold.id, PRICE)
    desk.school.clock.move(DEFAULT_SCHEDULE.first)

    assert sorted(await asyncio.gather(desk.follow(), desk.follow())) == [0, 1]


async def test_who_lost_the_lease_writes_nothing_and_sends_nothing(desk: RefundProcessing) -> None:
    """
    The bank was slow, somebody else took the refund over; the late answer is left to them.
    """
    sold = await desk.sold()
    desk.school.gateway.fail_next(GatewayOperation.REFUND, Fault.DOWN)
    refund = await desk.asks(sold.id, PRICE)
    desk.school.clock.move(DEFAULT_SCHEDULE.first)
    school = desk.school
    school.gateway.silence = asyncio.Event()
    slow = asyncio.create_task(desk.follow())
    for _ in range(10):
        await asyncio.sleep(0)
    assert school.memory.store.refund_polls[sold.id, refund.id].generation == 1

    school.clock.move(CALL_MAX)
    (taken,) = await school.memory.refund_polls.claim(school.clock.now(), lease=HOUR, at_most=1)
    audit = len(school.memory.store.audit)
    school.gateway.silence.set()
    assert await slow == 1

    assert taken.generation == 2
    assert len(school.memory.store.audit) == audit
    assert desk.refund(sold.id, refund.id).state is RefundState.REQUESTED
    assert school.gateway.calls[GatewayOperation.REFUND] == 1
    row = school.memory.store.refund_polls[sold.id, refund.id]
    assert row.lease_until == school.clock.now() + HOUR


async def test_after_ten_days_somebody_is_called_each_day(desk: RefundProcessing) -> None:
    """
    An attention once and an alert at each look; the bank is asked on, and its late yes is the end of it.
    """
    sold = await desk.sold()
    refund = await desk.asks(sold.id, PRICE)

    await desk.follows(OVERDUE_AFTER - MOMENT)
    assert not desk.alerts.called
    await desk.follows(DAY)
    await desk.follows(DAY)

    assert {(each.kind, each.subject) for each in desk.alerts.called} == {
        (AlertKind.REFUND_OVERDUE, sold.id)
    }
    assert [each.facts["refund"] for each in desk.alerts.called] == [refund.id] * 2
    assert len(desk.school.audited("payment.flagged")) == 1
    assert desk.school.payment(sold.id).review_reason is ReviewReason.REFUND_OVERDUE
    assert desk.school.payment(sold.id).refundable == Money(0)

    desk.school.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await desk.follows(DAY)
    assert desk.school.payment(sold.id).review_reason is None
    assert len(desk.alerts.called) == 2


@pytest.mark.parametrize("answers", [True, False])
async def test_after_a_month_its_poll_is_buried_and_silence_has_ended_nothing(
    desk: RefundProcessing, *, answers: bool
) -> None:
    """
    A last alert, the amount still spoken for; news by another way is still the end of it.
    """
    sold = await desk.sold()
    refund = await desk.asks(sold.id, PRICE)
    if not answers:
        desk.school.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=99)

    assert await desk.follows(POLLED_FOR - MOMENT) == 1
    assert await desk.follows(DAY) == 1
    calls = desk.school.gateway.calls[GatewayOperation.READ_ORDER]
    assert await desk.follows(100 * DAY) == 0

    now = desk.school.payment(sold.id)
    assert desk.school.gateway.calls[GatewayOperation.READ_ORDER] == calls
    assert len(desk.alerts.called) == 2
    assert (now.refunds.get(refund.id).state, now.review_reason) == (
        RefundState.PENDING,
        ReviewReason.REFUND_OVERDUE,
    )
    assert now.refundable == Money(0)

    desk.school.gateway.answers_again(GatewayOperation.READ_ORDER)
    desk.school.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await desk.school.hears(sold.id)
    assert desk.refund(sold.id, refund.id).state is RefundState.SUCCESS
    assert desk.school.payment(sold.id).review_reason is None
    assert not desk.school.memory.store.refund_polls


async def test_overdue_is_told_while_the_bank_is_silent_too(desk: RefundProcessing) -> None:
    """
    That is when it matters most.
    """
    sold = await desk.sold()
    await desk.asks(sold.id, PRICE)
    desk.school.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    await desk.follows(OVERDUE_AFTER)

    assert len(desk.alerts.called) == 1


async def test_an_automatic_refund_is_followed_like_any_other(desk: RefundProcessing) -> None:
    """
    Money that came too late: no sale, but its way back is watched, and the student hears of it.
    """
    school = desk.school
    payment = await school.opens()
    school.gateway.pay(payment.id)
    school.gateway.answer(payment.id, _auto_refunded(payment.id))
    school.gateway.refund_outside(payment.id, RefundId("AR1"), Money(PRICE), automatic=True)
    school.clock.move(LAPSE)

    late = await school.hears(payment.id, "AUTO_REFUND_INITIATED")
    assert (late.state, late.review_reason) == (State.EXPIRED, ReviewReason.AUTO_REFUNDED)
    assert late.refunds.get(RefundId("AR1")).state is RefundState.PENDING
    assert len(school.audited("refund.adopted")) == 1

    school.gateway.move_refund(payment.id, RefundId("AR1"), RefundVerdict.PAID)
    assert await desk.follows() == 1
    assert desk.refund(payment.id, RefundId("AR1")).state is RefundState.SUCCESS
    letters = [row.task for row in school.memory.store.outbox.values()]
    assert letters == ["refund_requested", "credit_note"]


def _auto_refunded(payment: object) -> OrderFacts:
    facts = unclear(payment, ReviewReason.AUTO_REFUNDED)  # type: ignore[arg-type]  # an id is an id
    return OrderFacts(
        payment=facts.payment,
        verdict=facts.verdict,
        review_reason=facts.review_reason,
        amount=Money(PRICE),
        currency="INR",
    )


async def test_a_refund_from_the_banks_dashboard_is_found(desk: RefundProcessing) -> None:
    """
    By any read of the order, and it counts from then on.
    """
    sold = await desk.sold()
    desk.school.gateway.refund_outside(sold.id, RefundId("DB1"), Money(700_00))

    seen = await desk.school.hears(sold.id, "REFUND_INITIATED")

    assert seen.review_reason is ReviewReason.REFUND_OUTSIDE
    assert seen.refunds.get(RefundId("DB1")).asked_by == "dashboard"
    with pytest.raises(RefundTooLarge):
        await desk.asks(sold.id, 700_00)
    assert await desk.follows() == 1


async def test_one_that_ended_by_another_way_is_asked_about_no_more(desk: RefundProcessing) -> None:
    """
    The webhook was faster than the follower that holds it.
    """
    sold = await desk.sold()
    refund = await desk.asks(sold.id, PRICE)
    school = desk.school
    school.clock.move(DEFAULT_SCHEDULE.first)
    await school.memory.refund_polls.claim(school.clock.now(), lease=HOUR, at_most=1)
    school.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await school.hears(sold.id, "ORDER_REFUNDED")

    assert not school.memory.store.refund_polls
    assert await desk.follows(DAY) == 0


async def test_one_broken_entry_leaves_the_others_done(
    desk: RefundProcessing, caplog: pytest.LogCaptureFixture
) -> None:
    """
    It is told of, and asked about again after a while.
    """
    school = desk.school
    first = await desk.sold()
    await desk.asks(first.id, PRICE)
    other = await school.opens(RAVI)
    school.gateway.pay(other.id)
    await school.hears(other.id)
    second = await desk.asks(other.id, PRICE)
    school.gateway.move_refund(other.id, second.id, RefundVerdict.PAID)
    school.memory.unit_of_work.gateway_failure.append(ValueError("broken"))

    with caplog.at_level(logging.ERROR):
        assert await desk.follows() == 2

    assert [record.message for record in caplog.records] == ["queue.entry_failed"]
    (row,) = school.memory.store.refund_polls.values()
    assert (row.why, row.due_at) == ("ValueError", school.clock.now() + DEFAULT_SCHEDULE.first)
    await desk.follows(DEFAULT_SCHEDULE.first)
    assert school.payment(other.id).state is State.REFUNDED


async def test_a_database_that_is_away_stops_the_round(desk: RefundProcessing) -> None:
    """
    The worker waits for it.
    """
    sold = await desk.sold()
    await desk.asks(sold.id, PRICE)
    desk.school.memory.unit_of_work.gateway_failure.append(StorageUnavailable("away"))

    with pytest.raises(StorageUnavailable):
        await desk.follows()


async def test_a_round_is_bounded(desk: RefundProcessing) -> None:
    """
    The rest is the next round's.
    """
    sold = await desk.sold()
    for _ in range(BATCH_MAX + 1):
        await desk.asks(sold.id, 100)

    assert [await desk.follows(), await desk.follows(timedelta(0))] == [BATCH_MAX, 1]


async def test_somebody_faster_is_decided_again(desk: RefundProcessing) -> None:
    """
    A unit that lost its race runs again on fresh state, the claim still held.
    """
    sold = await desk.sold()
    refund = await desk.asks(sold.id, PRICE)
    desk.school.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    desk.school.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("payment"))

    assert await desk.follows() == 1
    assert desk.refund(sold.id, refund.id).state is RefundState.SUCCESS
