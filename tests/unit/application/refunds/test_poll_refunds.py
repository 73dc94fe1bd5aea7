"""Every refund is asked about until the bank says what became of it: on schedule, by one asker, to the end."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Fault
from application.refunds.poll_refunds import BATCH_MAX
from domain.errors import ChangedMeanwhile
from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.dispute_state import DisputeState
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
from fakes.samples import BY_STATUS, LAPSE, RAVI, only_reason, refund_id
from ports.alerts import AlertKind
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.memory import CALL_MAX, MemoryWorld
from worlds.refund_requests import ask_refund, poll_refunds_after

PRICE = 1180_00
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


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


async def test_nobody_asks_before_it_is_due(world: MemoryWorld) -> None:
    """
    To the instant; and what was asked about waits for its next look.
    """
    sold = await world.paid_payment()
    await ask_refund(world, sold.id, PRICE)

    assert await poll_refunds_after(world, DEFAULT_SCHEDULE.first - MOMENT) == 0
    assert await poll_refunds_after(world, MOMENT) == 1
    assert await poll_refunds_after(world, timedelta(0)) == 0


@pytest.mark.parametrize(
    ("verdict", "state", "review_reason"),
    [
        (RefundVerdict.PAID, RefundState.SUCCESS, None),
        (RefundVerdict.FAILED, RefundState.FAILED, ReviewReason.REFUND_FAILED),
    ],
)
async def test_an_end_is_found_and_ends_the_asking(
    world: MemoryWorld,
    verdict: RefundVerdict,
    state: RefundState,
    review_reason: ReviewReason | None,
) -> None:
    """
    Without any webhook; a failed one gives its amount back and a person has to look.
    """
    sold = await world.paid_payment()
    refund = await ask_refund(world, sold.id, PRICE)
    world.gateway.move_refund(sold.id, refund.id, verdict)

    assert await poll_refunds_after(world) == 1
    assert await poll_refunds_after(world, DAY) == 0

    now = world.payment(sold.id)
    assert (now.refunds.get(refund.id).state, only_reason(now)) == (state, review_reason)
    assert now.refundable == (Money(PRICE) if state is RefundState.FAILED else Money(0))
    moved = world.audited("refund.moved")[-1]
    assert (moved.origin.actor, moved.origin.source) == ("system", "refund")


async def test_review_by_hand_is_no_end(world: MemoryWorld) -> None:
    """
    A person is told, and the bank is asked on.
    """
    sold = await world.paid_payment()
    refund = await ask_refund(world, sold.id, PRICE)
    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.IN_REVIEW)

    await poll_refunds_after(world)
    assert only_reason(world.payment(sold.id)) is ReviewReason.REFUND_IN_REVIEW
    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await poll_refunds_after(world, DAY)

    now = world.payment(sold.id)
    assert (now.state, only_reason(now)) == (State.REFUNDED, None)


async def test_an_intent_that_died_before_the_call_is_sent(world: MemoryWorld) -> None:
    """
    Read first, then asked for under its own id; a second round does not ask again.
    """
    sold = await world.paid_payment()
    world.memory.unit_of_work.afterwards.append(_dies)

    with pytest.raises(KeyboardInterrupt):
        await ask_refund(world, sold.id, PRICE)
    refund = refund_id(1)
    assert world.refund(sold.id, refund).state is RefundState.REQUESTED

    await poll_refunds_after(world)
    await poll_refunds_after(world)

    gateway = world.gateway
    assert world.refund(sold.id, refund).state is RefundState.PENDING
    assert (
        gateway.calls[GatewayOperation.REFUND],
        list(gateway.orders[sold.id].refunds.known),
    ) == (
        1,
        [refund],
    )


async def test_a_refund_is_not_sent_into_a_dispute(world: MemoryWorld) -> None:
    """
    The intent was written before the dispute was known; it is sent when the dispute was won.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.DOWN)
    refund = await ask_refund(world, sold.id, PRICE)
    told = DisputeFacts(id="cb-1", amount=Money(PRICE), state=DisputeState.RECEIVED)
    bank = world.gateway.orders[sold.id]
    await world.apply(replace(bank.answer, disputes=(told,)), BY_STATUS)

    assert await poll_refunds_after(world) == 1
    assert world.gateway.calls[GatewayOperation.REFUND] == 1
    assert world.refund(sold.id, refund.id).state is RefundState.REQUESTED

    won = replace(told, state=DisputeState.WON)
    await world.apply(replace(bank.answer, disputes=(won,)), BY_STATUS)
    assert await poll_refunds_after(world) == 1
    assert world.refund(sold.id, refund.id).state is RefundState.PENDING


def _dies() -> None:
    raise KeyboardInterrupt


async def test_a_silent_bank_changes_nothing(world: MemoryWorld) -> None:
    """
    It is asked again when the next look is due, and nothing is sent without having read.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.DOWN)
    refund = await ask_refund(world, sold.id, PRICE)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    assert await poll_refunds_after(world) == 1
    assert world.refund(sold.id, refund.id).state is RefundState.REQUESTED
    assert world.gateway.calls[GatewayOperation.REFUND] == 1

    assert await poll_refunds_after(world) == 1
    assert world.refund(sold.id, refund.id).state is RefundState.PENDING


async def test_two_followers_ask_once(world: MemoryWorld) -> None:
    """
    The lease is one follower's.
    """
    sold = await world.paid_payment()
    await ask_refund(world, sold.id, PRICE)
    world.clock.move(DEFAULT_SCHEDULE.first)

    assert sorted(await asyncio.gather(world.poll_refunds(), world.poll_refunds())) == [0, 1]


async def test_who_lost_the_lease_writes_nothing_and_sends_nothing(world: MemoryWorld) -> None:
    """
    The bank was slow, somebody else took the refund over; the late answer is left to them.
    """
    sold = await world.paid_payment()
    world.gateway.fail_next(GatewayOperation.REFUND, Fault.DOWN)
    refund = await ask_refund(world, sold.id, PRICE)
    world.clock.move(DEFAULT_SCHEDULE.first)
    world.gateway.silence = asyncio.Event()
    slow = asyncio.create_task(world.poll_refunds())
    for _ in range(10):
        await asyncio.sleep(0)
    assert world.memory.store.refund_polls[sold.id, refund.id].generation == 1

    world.clock.move(CALL_MAX)
    (taken,) = await world.memory.refund_polls.claim(world.clock.now(), lease=HOUR, at_most=1)
    audit = len(world.memory.store.audit)
    world.gateway.silence.set()
    assert await slow == 1

    assert taken.generation == 2
    assert len(world.memory.store.audit) == audit
    assert world.refund(sold.id, refund.id).state is RefundState.REQUESTED
    assert world.gateway.calls[GatewayOperation.REFUND] == 1
    row = world.memory.store.refund_polls[sold.id, refund.id]
    assert row.lease_until == world.clock.now() + HOUR


async def test_after_ten_days_somebody_is_called_each_day(world: MemoryWorld) -> None:
    """
    An attention once and an alert at each look; the bank is asked on, and its late yes is the end of it.
    """
    sold = await world.paid_payment()
    refund = await ask_refund(world, sold.id, PRICE)

    await poll_refunds_after(world, OVERDUE_AFTER - MOMENT)
    assert not world.alerts.called
    await poll_refunds_after(world, DAY)
    await poll_refunds_after(world, DAY)

    assert {(each.kind, each.subject) for each in world.alerts.called} == {
        (AlertKind.REFUND_OVERDUE, sold.id)
    }
    assert [each.facts["refund_id"] for each in world.alerts.called] == [refund.id] * 2
    assert len(world.audited("payment.flagged")) == 1
    assert only_reason(world.payment(sold.id)) is ReviewReason.REFUND_OVERDUE
    assert world.payment(sold.id).refundable == Money(0)

    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await poll_refunds_after(world, DAY)
    assert only_reason(world.payment(sold.id)) is None
    assert len(world.alerts.called) == 2


@pytest.mark.parametrize("answers", [True, False])
async def test_after_a_month_its_poll_is_buried_and_silence_has_ended_nothing(
    world: MemoryWorld, *, answers: bool
) -> None:
    """
    A last alert, the amount still spoken for; news by another way is still the end of it.
    """
    sold = await world.paid_payment()
    refund = await ask_refund(world, sold.id, PRICE)
    if not answers:
        world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN, times=99)

    assert await poll_refunds_after(world, POLLED_FOR - MOMENT) == 1
    assert await poll_refunds_after(world, DAY) == 1
    calls = world.gateway.calls[GatewayOperation.READ_ORDER]
    assert await poll_refunds_after(world, 100 * DAY) == 0

    now = world.payment(sold.id)
    assert world.gateway.calls[GatewayOperation.READ_ORDER] == calls
    assert len(world.alerts.called) == 2
    assert (now.refunds.get(refund.id).state, only_reason(now)) == (
        RefundState.PENDING,
        ReviewReason.REFUND_OVERDUE,
    )
    assert now.refundable == Money(0)

    world.gateway.answers_again(GatewayOperation.READ_ORDER)
    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await world.deliver_webhook(sold.id)
    assert world.refund(sold.id, refund.id).state is RefundState.SUCCESS
    assert only_reason(world.payment(sold.id)) is None
    assert not world.memory.store.refund_polls


async def test_overdue_is_told_while_the_bank_is_silent_too(world: MemoryWorld) -> None:
    """
    That is when it matters most.
    """
    sold = await world.paid_payment()
    await ask_refund(world, sold.id, PRICE)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    await poll_refunds_after(world, OVERDUE_AFTER)

    assert len(world.alerts.called) == 1


async def test_an_automatic_refund_is_followed_like_any_other(world: MemoryWorld) -> None:
    """
    Money that came too late: no sale, but its way back is watched, and the student hears of it.
    """
    payment = await world.begin_payment()
    world.gateway.pay(payment.id)
    world.gateway.answer(payment.id, _auto_refunded(payment.id))
    world.gateway.refund_outside(payment.id, RefundId("AR1"), Money(PRICE), automatic=True)
    world.clock.move(LAPSE)

    late = await world.deliver_webhook(payment.id, "AUTO_REFUND_INITIATED")
    assert (late.state, only_reason(late)) == (State.EXPIRED, ReviewReason.AUTO_REFUNDED)
    assert late.refunds.get(RefundId("AR1")).state is RefundState.PENDING
    assert len(world.audited("refund.adopted")) == 1

    world.gateway.move_refund(payment.id, RefundId("AR1"), RefundVerdict.PAID)
    assert await poll_refunds_after(world) == 1
    assert world.refund(payment.id, RefundId("AR1")).state is RefundState.SUCCESS
    letters = [row.task for row in world.memory.store.outbox.values()]
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


async def test_a_refund_from_the_banks_dashboard_is_found(world: MemoryWorld) -> None:
    """
    By any read of the order, and it counts from then on.
    """
    sold = await world.paid_payment()
    world.gateway.refund_outside(sold.id, RefundId("DB1"), Money(700_00))

    seen = await world.deliver_webhook(sold.id, "REFUND_INITIATED")

    assert only_reason(seen) is ReviewReason.REFUND_OUTSIDE
    assert seen.refunds.get(RefundId("DB1")).asked_by == "dashboard"
    with pytest.raises(RefundTooLarge):
        await ask_refund(world, sold.id, 700_00)
    assert await poll_refunds_after(world) == 1


async def test_one_that_ended_by_another_way_is_asked_about_no_more(world: MemoryWorld) -> None:
    """
    The webhook was faster than the follower that holds it.
    """
    sold = await world.paid_payment()
    refund = await ask_refund(world, sold.id, PRICE)
    world.clock.move(DEFAULT_SCHEDULE.first)
    await world.memory.refund_polls.claim(world.clock.now(), lease=HOUR, at_most=1)
    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    await world.deliver_webhook(sold.id, "ORDER_REFUNDED")

    assert not world.memory.store.refund_polls
    assert await poll_refunds_after(world, DAY) == 0


async def test_one_broken_entry_leaves_the_others_done(
    world: MemoryWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """
    It is told of, and asked about again after a while.
    """
    first = await world.paid_payment()
    await ask_refund(world, first.id, PRICE)
    other = await world.begin_payment(RAVI)
    world.gateway.pay(other.id)
    await world.deliver_webhook(other.id)
    second = await ask_refund(world, other.id, PRICE)
    world.gateway.move_refund(other.id, second.id, RefundVerdict.PAID)
    world.memory.unit_of_work.gateway_failure.append(ValueError("broken"))

    with caplog.at_level(logging.ERROR):
        assert await poll_refunds_after(world) == 2

    assert [record.message for record in caplog.records] == ["queue.entry_failed"]
    (row,) = world.memory.store.refund_polls.values()
    assert (row.why, row.due_at) == ("ValueError", world.clock.now() + DEFAULT_SCHEDULE.first)
    await poll_refunds_after(world, DEFAULT_SCHEDULE.first)
    assert world.payment(other.id).state is State.REFUNDED


async def test_a_database_that_is_away_stops_the_round(world: MemoryWorld) -> None:
    """
    The worker waits for it.
    """
    sold = await world.paid_payment()
    await ask_refund(world, sold.id, PRICE)
    world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("away"))

    with pytest.raises(StorageUnavailable):
        await poll_refunds_after(world)


async def test_a_round_is_bounded(world: MemoryWorld) -> None:
    """
    The rest is the next round's.
    """
    sold = await world.paid_payment()
    for _ in range(BATCH_MAX + 1):
        await ask_refund(world, sold.id, 100)

    assert [await poll_refunds_after(world), await poll_refunds_after(world, timedelta(0))] == [
        BATCH_MAX,
        1,
    ]


async def test_somebody_faster_is_decided_again(world: MemoryWorld) -> None:
    """
    A unit that lost its race runs again on fresh state, the claim still held.
    """
    sold = await world.paid_payment()
    refund = await ask_refund(world, sold.id, PRICE)
    world.gateway.move_refund(sold.id, refund.id, RefundVerdict.PAID)
    world.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("payment"))

    assert await poll_refunds_after(world) == 1
    assert world.refund(sold.id, refund.id).state is RefundState.SUCCESS
