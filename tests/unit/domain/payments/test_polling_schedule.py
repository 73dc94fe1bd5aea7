"""When the bank is polled next: by its own schedule, with jitter, and on without an answer."""

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
from fakes.samples import LAPSE, a_payment, only_reason, under_review

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


def polled_at(payment: Payment, at: datetime = NOON, **how: bool) -> list[timedelta]:
    """Return when, counted from *at* on, *payment* would be polled if nothing ever changed."""
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


def test_a_busy_payment_is_polled_to_the_end() -> None:
    """
    At each step once.
    """
    assert polled_at(BUSY) == list(SCHEDULE)


@pytest.mark.parametrize("state", [State.FAILED, State.EXPIRED])
def test_an_unsold_payment_is_polled_for_a_day(state: State) -> None:
    """
    The last poll included.
    """
    assert polled_at(replace(UNSOLD, state=state)) == [
        step for step in SCHEDULE if step <= UNSOLD_POLLED_FOR
    ]


def test_a_pending_payment_is_polled_as_it_lapses() -> None:
    """
    Between the steps, so that its discount slot is free at once; never a step later.
    """
    times = polled_at(replace(a_payment(), gateway_order=PAGE))

    assert LAPSE in times
    assert times == sorted({*SCHEDULE, LAPSE})


def test_polls_that_were_missed_are_made_up_by_one() -> None:
    """
    After an hour without a worker the next poll is that of the next step, not six at once.
    """
    assert next_poll_at(BUSY, since=NOON, at=NOON + 50 * MINUTE) == NOON + HOUR


@pytest.mark.parametrize(("at", "late_at_most"), [(NOON, 1.5 * SECONDS), (NOON + HOUR, 6 * MINUTE)])
def test_jitter_delays_by_a_tenth_of_the_step(at: datetime, late_at_most: timedelta) -> None:
    """
    Later, never earlier.
    """
    sharp = next_poll_at(BUSY, since=NOON, at=at)
    late = next_poll_at(BUSY, since=NOON, at=at, jitter=JITTER_STEPS // 2)

    assert sharp is not None
    assert late is not None
    assert late - sharp == late_at_most / 2


def test_jitter_does_not_delay_a_lapse() -> None:
    """
    Its discount slot is free at the very instant.
    """
    at = NOON + 10 * MINUTE

    assert next_poll_at(a_payment(), since=NOON, at=at, jitter=JITTER_STEPS - 1) == NOON + LAPSE


def test_a_session_longer_than_the_schedule_still_lapses() -> None:
    """
    There is always one poll left.
    """
    long = replace(a_payment(), expires_at=NOON + 20 * DAY)

    assert next_poll_at(long, since=NOON, at=NOON + 11 * DAY) == long.lapses_at


def test_a_poll_without_an_answer_is_repeated_soon() -> None:
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


def test_without_an_answer_polling_goes_on() -> None:
    """
    An unsold payment is polled to the last step while the bank does not confirm its failure.
    """
    at = NOON + UNSOLD_POLLED_FOR

    assert next_poll_at(UNSOLD, since=NOON, at=at) is None
    assert next_poll_at(UNSOLD, since=NOON, at=at, answered=False) == NOON + 2 * DAY
    assert next_poll_at(UNSOLD, since=NOON, at=NOON + SCHEDULE[-1], answered=False) is None


def test_which_payments_are_polled() -> None:
    """
    Live ones with or without a session; unsold ones with a session only; no sale.
    """
    assert is_polled(a_payment())
    assert is_polled(BUSY)
    assert is_polled(UNSOLD)
    assert not is_polled(replace(UNSOLD, gateway_order=None))
    assert not is_polled(replace(BUSY, state=State.SUCCESS))


def test_a_day_without_a_move_needs_a_review() -> None:
    """
    To the instant; not for unsold payments.
    """
    late = NOON + REVIEW_AFTER

    assert not is_unresolved(BUSY, since=NOON, at=late - MOMENT)
    assert is_unresolved(BUSY, since=NOON, at=late)
    assert not is_unresolved(UNSOLD, since=NOON, at=late)


def test_an_unresolved_payment_is_flagged_once() -> None:
    """
    A review reason that it has already stays beside it.
    """
    late = NOON + REVIEW_AFTER
    assert not flag_if_unresolved(BUSY, since=NOON, at=late - MOMENT).is_news

    flagged = flag_if_unresolved(BUSY, since=NOON, at=late)

    assert flagged.flagged
    assert only_reason(flagged.payment) is ReviewReason.UNRESOLVED
    assert not flag_if_unresolved(flagged.payment, since=NOON, at=late).is_news
    known = under_review(BUSY, ReviewReason.UNKNOWN_STATUS)
    both = flag_if_unresolved(known, since=NOON, at=late)
    assert both.raised == (ReviewReason.UNRESOLVED,)
    assert both.payment.review.reasons == {ReviewReason.UNKNOWN_STATUS, ReviewReason.UNRESOLVED}
