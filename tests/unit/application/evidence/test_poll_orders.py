"""The poller: everything not final is asked about in time, settled by answers only, and never forgotten."""

import logging
from datetime import timedelta

import pytest

from adapters.fake.script import Fault, Operation, Outcome
from application.evidence.poll_orders import BY_POLLER
from domain.payments.discount_reservation import Redemption
from domain.payments.failure_reason import Failure
from domain.payments.order_facts import Attention
from domain.payments.payment_state import State
from domain.payments.polling_schedule import CHANCES, SCHEDULE
from fakes.samples import BY_STATUS, LAPSE, a_code, payment_id
from ports.alerts import AlertKind
from ports.unit_of_work import StorageUnavailable
from worlds.memory import CALL_MAX, Academy

READ = Operation.READ_ORDER
MOMENT = timedelta(microseconds=1)
FIRST = SCHEDULE[0]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def polled(academy: Academy, span: timedelta, every: timedelta = MINUTE) -> list[timedelta]:
    """Return when, within *span*, the bank was asked about the one payment there is."""
    begun, asked = academy.clock.now(), []
    while academy.clock.now() < begun + span:
        academy.clock.move(every)
        asked += [academy.clock.now() - begun] * await academy.poll()
    return asked


async def test_a_sale_nobody_told_of_is_found_within_seconds(academy: Academy) -> None:
    """
    Webhooks lost, browser closed: the first question finds it.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    academy.clock.move(FIRST - MOMENT)
    assert await academy.poll() == 0

    academy.clock.move(MOMENT)
    assert await academy.poll() == 1

    assert academy.payment(payment.id).state is State.SUCCESS
    assert academy.audited("payment.moved")[0].origin == BY_POLLER
    assert not academy.memory.store.questions


async def test_an_overdue_session_lapses_after_a_last_question(academy: Academy) -> None:
    """
    To the instant; place and slot are free, and the trail names the poller.
    """
    academy.offers(a_code(total_limit=1))
    payment = await academy.opens(code="TEN")
    academy.clock.move(LAPSE - MOMENT)
    assert await academy.poll() == 1
    assert academy.payment(payment.id).state is State.PENDING

    academy.clock.move(MOMENT)
    assert await academy.poll() == 1

    lapsed = academy.payment(payment.id)
    assert (lapsed.state, lapsed.failure, lapsed.redemption) == (
        State.EXPIRED,
        Failure.SESSION_EXPIRED,
        Redemption.RELEASED,
    )
    assert academy.audited("payment.moved")[0].origin == BY_POLLER
    assert (await academy.opens(code="TEN")).state is State.PENDING


async def test_silence_settles_nothing(academy: Academy, caplog: pytest.LogCaptureFixture) -> None:
    """
    Without an answer the payment stays, and is asked about again after a minute.
    """
    payment = await academy.opens()
    academy.clock.move(LAPSE)
    academy.gateway.fail_next(READ, Fault.DOWN)

    assert await academy.poll() == 1

    assert academy.payment(payment.id).state is State.PENDING
    assert [line.__dict__["trouble"] for line in caplog.records] == ["GatewayDown"]
    academy.clock.move(MINUTE - MOMENT)
    assert await academy.poll() == 0
    academy.clock.move(MOMENT)
    assert await academy.poll() == 1
    assert academy.payment(payment.id).state is State.EXPIRED


async def test_what_the_bank_is_busy_with_does_not_lapse(academy: Academy) -> None:
    """
    Its schedule begins anew with the attempt; its end comes from the bank.
    """
    payment = await academy.opens()
    academy.clock.move(LAPSE - 2 * MINUTE)
    academy.gateway.pay(payment.id, Outcome.PENDING)
    await academy.hears(payment.id)

    assert len(await polled(academy, 90 * timedelta(seconds=1), timedelta(seconds=1))) == 6
    assert academy.payment(payment.id).state is State.PROCESSING

    academy.gateway.pay(payment.id)
    academy.clock.move(MINUTE)
    await academy.poll()
    assert academy.payment(payment.id).state is State.SUCCESS


async def test_a_move_that_the_poller_finds_begins_anew_too(academy: Academy) -> None:
    """
    Busy since the question at the session's end: asked again after 15 seconds.
    """
    payment = await academy.opens()
    academy.clock.move(LAPSE)
    academy.gateway.pay(payment.id, Outcome.PENDING)
    await academy.poll()
    assert academy.payment(payment.id).state is State.PROCESSING

    academy.clock.move(FIRST)
    assert await academy.poll() == 1


async def test_an_order_the_bank_never_heard_of_lapses(academy: Academy) -> None:
    """
    The asker died before the bank was asked.
    """
    payment = await academy.opens()
    academy.gateway.orders.clear()
    academy.clock.move(LAPSE)

    await academy.poll()

    assert academy.payment(payment.id).state is State.EXPIRED


async def test_a_failed_payment_costs_few_questions(academy: Academy) -> None:
    """
    Often at first and ever more rarely, for a day; then nobody asks any more.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    await academy.hears(payment.id)

    asked = await polled(academy, 3 * DAY)

    assert asked[-1] == DAY
    assert len(asked) < 15
    assert not academy.memory.store.questions
    assert not academy.alerts.called


async def test_a_payment_that_never_ends_calls_a_person(academy: Academy) -> None:
    """
    Flagged once after a day, called about daily, parked after ten days, never declared failed.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.PENDING)
    await academy.hears(payment.id)
    assert not (await polled(academy, DAY - MINUTE))[20:]
    assert not academy.alerts.called

    await polled(academy, 12 * DAY)

    stuck = academy.payment(payment.id)
    assert (stuck.state, stuck.attention) == (State.PROCESSING, Attention.UNRESOLVED)
    assert len(academy.audited("payment.flagged")) == 1
    assert len(academy.alerts.called) == 10
    alert = academy.alerts.called[0]
    assert (alert.kind, alert.subject) == (AlertKind.PAYMENT_UNRESOLVED, payment.id)
    assert [row.state for row in academy.memory.store.questions.values()] == ["parked"]


@pytest.mark.parametrize(
    ("outcome", "state"), [(Outcome.SUCCESS, State.SUCCESS), (Outcome.FAILURE, State.FAILED)]
)
async def test_what_is_resolved_after_all_needs_nobody(
    academy: Academy, outcome: Outcome, state: State
) -> None:
    """
    Late news ends the flag, also of what was parked.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.PENDING)
    await academy.hears(payment.id)
    await polled(academy, 12 * DAY, DAY / 4)
    assert academy.payment(payment.id).attention is Attention.UNRESOLVED

    academy.gateway.pay(payment.id, outcome)
    await academy.hears(payment.id)

    ended = academy.payment(payment.id)
    assert (ended.state, ended.attention) == (state, None)
    assert len(academy.memory.store.questions) == (state is State.FAILED)


async def test_a_bank_that_is_silent_for_days_declares_nothing(academy: Academy) -> None:
    """
    Unknown stays unknown: flagged, called about, parked; found when the bank is back.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id)
    academy.gateway.fail_next(READ, Fault.DOWN, times=10_000)

    await polled(academy, 12 * DAY, DAY / 24)

    stuck = academy.payment(payment.id)
    assert (stuck.state, stuck.attention) == (State.PENDING, Attention.UNRESOLVED)
    assert academy.alerts.called
    assert [row.state for row in academy.memory.store.questions.values()] == ["parked"]


async def test_a_failure_that_nobody_confirms_is_parked(academy: Academy) -> None:
    """
    The bank said "declined" once and fell silent: it is not let go after a day as if confirmed.
    """
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    await academy.hears(payment.id)
    academy.gateway.fail_next(READ, Fault.DOWN, times=10_000)

    asked = await polled(academy, 12 * DAY, DAY / 24)

    assert asked[-1] > 9 * DAY
    assert academy.payment(payment.id).state is State.FAILED
    assert [row.state for row in academy.memory.store.questions.values()] == ["parked"]


async def test_chance_puts_a_question_off(academy: Academy) -> None:
    """
    By a tenth of its step at most.
    """
    await academy.opens()
    academy.chance = CHANCES // 2
    academy.clock.move(FIRST)
    await academy.poll()

    (row,) = academy.memory.store.questions.values()
    assert row.due_at - row.since == 2 * FIRST + FIRST / 20


async def test_a_worker_whose_lease_ran_out_writes_nothing(
    academy: Academy, caplog: pytest.LogCaptureFixture
) -> None:
    """
    It was paused between question and answer: the other's word stands, its own is dropped and logged.
    """
    caplog.set_level(logging.INFO)
    payment = await academy.opens()
    academy.gateway.pay(payment.id, Outcome.PENDING)
    academy.clock.move(FIRST)
    (mine,) = await academy.memory.questions.claim(academy.clock.now(), lease=CALL_MAX, at_most=1)
    academy.clock.move(CALL_MAX)
    assert await academy.poll() == 1
    moved = academy.payment(payment.id)
    academy.gateway.pay(payment.id)

    await academy.poll._deal_with(mine)

    assert academy.payment(payment.id) == moved
    assert moved.state is State.PROCESSING
    assert [line.message for line in caplog.records] == ["a question was taken over"]


async def test_what_moved_meanwhile_is_asked_about_anew(academy: Academy) -> None:
    """
    The webhook came while the poller read: its question is not the one that counts any more.
    """
    payment = await academy.opens()
    academy.clock.move(FIRST)
    said = await academy.read_order(payment.id, payment.student.id)
    academy.gateway.pay(payment.id, Outcome.FAILURE)
    declined = await academy.read_order(payment.id, payment.student.id)
    academy.gateway.answer(payment.id, said)

    async def webhook() -> None:
        await academy.settle(declined, BY_STATUS)

    academy.gateway.meanwhile_reading.append(webhook)
    assert await academy.poll() == 1

    assert academy.payment(payment.id).state is State.FAILED
    assert [row.since for row in academy.memory.store.questions.values()] == [academy.clock.now()]


async def test_one_that_fails_does_not_stop_the_others(academy: Academy) -> None:
    """
    Its question comes again when its lease is over.
    """
    await academy.opens()
    academy.sells("history")
    other = await academy.opens(course="history")
    academy.gateway.pay(other.id)
    academy.clock.move(FIRST)
    academy.memory.unit_of_work.trouble.append(StorageUnavailable("gone"))

    with pytest.raises(StorageUnavailable):
        await academy.poll()

    states = {academy.payment(payment_id(number)).state for number in (1, 2)}
    assert len(academy.memory.store.questions) + (State.SUCCESS in states) == 2
    academy.clock.move(CALL_MAX)
    await academy.poll()
    assert academy.payment(other.id).state is State.SUCCESS
