"""When the bank is asked next: by its own schedule, late by chance, and never because nobody answered."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.payments.order_facts import ReviewReason
from domain.payments.payment import GatewayOrder, Payment
from domain.payments.payment_state import State
from domain.payments.polling_schedule import (
    JITTER_STEPS,
    REVIEW_AFTER,
    SCHEDULE,
    UNSOLD_POLLED_FOR,
    flag_if_unresolved,
    is_polled,
    is_unresolved,
    next_poll_at,
)
from fakes.clock import NOON
from fakes.samples import LAPSE, a_payment

MOMENT = timedelta(microseconds=1)
SECONDS, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
PAGE = GatewayOrder(id="ordeh_1", payment_url="https://bank.example.com/1")
BUSY = replace(a_payment(), state=State.PROCESSING, gateway_order=PAGE)
UNSOLD = replace(BUSY, state=State.FAILED)


def asked(payment: Payment, at: datetime = NOON, **how: bool) -> list[timedelta]:
    """Return when, counted from *at* on, *payment* would be asked about if nothing ever changed."""
    due, times = next_poll_at(payment, since=NOON, at=at, **how), []
    while due is not None:
        times.append(due - NOON)
        due = next_poll_at(payment, since=NOON, at=due, **how)
    return times


def test_the_schedule_is_the_banks_own() -> None:
    """
    Every 15 seconds for 90, then ever more rarely for a day, then daily to the tenth.
    """
    assert [step / SECONDS for step in SCHEDULE[:6]] == [15, 30, 45, 60, 75, 90]
    assert [step / MINUTE for step in SCHEDULE[6:10]] == [2, 5, 10, 20]
    assert [step / HOUR for step in SCHEDULE[10:15]] == [1, 2, 6, 12, 24]
    assert [step / DAY for step in SCHEDULE[15:]] == [2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_a_busy_payment_is_followed_to_the_end() -> None:
    """
    At each step once.
    """
    assert asked(BUSY) == list(SCHEDULE)


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
def test_what_came_to_nothing_is_followed_for_a_day(state: State) -> None:
    """
    The last question included.
    """
    assert asked(replace(UNSOLD, state=state)) == [
        step for step in SCHEDULE if step <= UNSOLD_POLLED_FOR
    ]


def test_a_pending_payment_is_asked_about_as_it_lapses() -> None:
    """
    Between the steps, so that its place is free at once; never by a step beyond.
    """
    times = asked(replace(a_payment(), gateway_order=PAGE))

    assert LAPSE in times
    assert times == sorted({*SCHEDULE, LAPSE})


def test_what_was_slept_through_is_asked_once() -> None:
    """
    After an hour without a worker the next question is the next step's, not six at once.
    """
    assert next_poll_at(BUSY, since=NOON, at=NOON + 50 * MINUTE) == NOON + HOUR


@pytest.mark.parametrize(("at", "late_at_most"), [(NOON, 1.5 * SECONDS), (NOON + HOUR, 6 * MINUTE)])
def test_chance_spreads_by_a_tenth_of_the_step(at: datetime, late_at_most: timedelta) -> None:
    """
    Later, never earlier.
    """
    sharp = next_poll_at(BUSY, since=NOON, at=at)
    late = next_poll_at(BUSY, since=NOON, at=at, jitter=JITTER_STEPS // 2)

    assert sharp is not None
    assert late is not None
    assert late - sharp == late_at_most / 2


def test_chance_does_not_hold_up_a_lapse() -> None:
    """
    The place at the till is free to the instant.
    """
    at = NOON + 10 * MINUTE

    assert next_poll_at(a_payment(), since=NOON, at=at, jitter=JITTER_STEPS - 1) == NOON + LAPSE


def test_a_session_longer_than_the_schedule_still_lapses() -> None:
    """
    There is always one question left.
    """
    long = replace(a_payment(), expires_at=NOON + 20 * DAY)

    assert next_poll_at(long, since=NOON, at=NOON + 11 * DAY) == long.lapses_at


def test_without_an_answer_the_question_comes_again_soon() -> None:
    """
    After a minute at first, then after a sixteenth of the time, and never later than by schedule.
    """

    def again(at: timedelta) -> timedelta:
        due = next_poll_at(BUSY, since=NOON, at=NOON + at, answered=False)
        assert due is not None
        return due - NOON

    assert again(3 * MINUTE) == 4 * MINUTE
    assert again(8 * HOUR) == 8 * HOUR + 30 * MINUTE
    assert again(60 * SECONDS) == 75 * SECONDS
    assert again(DAY) == 2 * DAY


def test_silence_ends_no_watch() -> None:
    """
    What came to nothing is followed to the last step while the bank does not confirm it.
    """
    at = NOON + UNSOLD_POLLED_FOR

    assert next_poll_at(UNSOLD, since=NOON, at=at) is None
    assert next_poll_at(UNSOLD, since=NOON, at=at, answered=False) == NOON + 2 * DAY
    assert next_poll_at(UNSOLD, since=NOON, at=NOON + SCHEDULE[-1], answered=False) is None


def test_who_is_asked_about() -> None:
    """
    Live ones with or without a page; what came to nothing with a page only; no sale.
    """
    assert is_polled(a_payment())
    assert is_polled(BUSY)
    assert is_polled(UNSOLD)
    assert not is_polled(replace(UNSOLD, gateway_order=None))
    assert not is_polled(replace(BUSY, state=State.SUCCESS))


def test_a_day_without_a_move_needs_a_person() -> None:
    """
    To the instant; not for what came to nothing.
    """
    late = NOON + REVIEW_AFTER

    assert not is_unresolved(BUSY, since=NOON, at=late - MOMENT)
    assert is_unresolved(BUSY, since=NOON, at=late)
    assert not is_unresolved(UNSOLD, since=NOON, at=late)


def test_waiting_flags_once() -> None:
    """
    A need of attention that stands already says more.
    """
    late = NOON + REVIEW_AFTER
    assert not flag_if_unresolved(BUSY, since=NOON, at=late - MOMENT).is_news

    flagged = flag_if_unresolved(BUSY, since=NOON, at=late)

    assert flagged.flagged
    assert flagged.payment.review_reason is ReviewReason.UNRESOLVED
    assert not flag_if_unresolved(flagged.payment, since=NOON, at=late).is_news
    known = replace(BUSY, review_reason=ReviewReason.UNKNOWN_STATUS)
    assert not flag_if_unresolved(known, since=NOON, at=late).is_news
