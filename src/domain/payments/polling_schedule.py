"""When the bank is asked again about a payment that is not final, and when staff have to review it."""

from datetime import datetime, timedelta
from typing import Final

from domain.payments.decision import Decision
from domain.payments.order_decisions import flag_unresolved
from domain.payments.payment import Payment
from domain.payments.payment_state import State

SCHEDULE: Final = (
    *(timedelta(seconds=15 * step) for step in range(1, 7)),
    *(timedelta(minutes=minutes) for minutes in (2, 5, 10, 20)),
    *(timedelta(hours=hours) for hours in (1, 2, 6, 12, 24)),
    *(timedelta(days=days) for days in range(2, 11)),
)
"""
Counted from the payment's last move: the bank's own schedule for the first 24 hours, then daily
until the tenth day, after which staff have to contact the bank (the bank's advice to merchants).
"""

UNSOLD_POLLED_FOR: Final = timedelta(hours=24)
"""How long a failed or expired payment is polled while the bank confirms that it took no money."""

REVIEW_AFTER: Final = timedelta(hours=24)
"""A payment that is live and has not moved for so long needs a review by staff."""

UNANSWERED_RETRY_AFTER: Final = timedelta(minutes=1)
UNANSWERED_RETRY_SHARE: Final = 16
"""A poll without an answer is repeated after 1/16 of the time since the move, at least a minute."""

JITTER_STEPS: Final = 1000
"""Jitter is a whole number from 0, for none, to ``JITTER_STEPS - 1``, for nearly the most."""

JITTER_SHARE: Final = 10
"""Jitter delays a poll by at most 1/10 of its interval, so that many do not come at the same moment."""


def is_polled(payment: Payment) -> bool:
    """
    Whether the bank may still have news: not of a sale, nor of a payment without a session.

    A payment that awaits news of a refund is polled in any state.
    """
    unsold = payment.state.is_unsold and payment.gateway_order is not None
    return payment.state.is_live or unsold or payment.awaits_refund_news


def next_poll_at(
    payment: Payment, *, since: datetime, at: datetime, jitter: int = 0, answered: bool = True
) -> datetime | None:
    """
    Return when to poll *payment* next (UTC), or None when it is not polled any more.

    *since* is the instant of its last move, *at* is now, *jitter* is described at ``JITTER_STEPS``.
    A pending payment is polled at the latest when its session has lapsed. A poll that was not
    *answered* is repeated sooner, and such a payment is polled to the end of the schedule.
    """
    confirmed = payment.state.is_unsold and answered and not payment.awaits_refund_news
    due = _next_step(since, at, UNSOLD_POLLED_FOR if confirmed else SCHEDULE[-1], jitter)
    if payment.state is State.PENDING and at < payment.lapses_at:
        return min(due or payment.lapses_at, payment.lapses_at)
    if answered or due is None or at >= since + REVIEW_AFTER:
        return due
    return min(due, at + _retry_wait(since, at))


def retry_poll_at(*, since: datetime, at: datetime) -> datetime | None:
    """Return when to poll next what failed for a reason of ours, None when the schedule has ended."""
    return at + _retry_wait(since, at) if at < since + SCHEDULE[-1] else None


def is_unresolved(payment: Payment, *, since: datetime, at: datetime) -> bool:
    """Whether *payment* has been live without a move for ``REVIEW_AFTER`` or longer."""
    return payment.state.is_live and at >= since + REVIEW_AFTER


def flag_if_unresolved(payment: Payment, *, since: datetime, at: datetime) -> Decision:
    """Return what follows from a poll that brought no news: a flag for staff once it is unresolved."""
    if is_unresolved(payment, since=since, at=at):
        return flag_unresolved(payment, at)
    return Decision(payment=payment)


def _retry_wait(since: datetime, at: datetime) -> timedelta:
    return max(UNANSWERED_RETRY_AFTER, (at - since) / UNANSWERED_RETRY_SHARE)


def _next_step(since: datetime, at: datetime, until: timedelta, jitter: int) -> datetime | None:
    before = timedelta(0)
    for step in SCHEDULE:
        if step > until:
            return None
        if since + step > at:
            return since + step + (step - before) * jitter / (JITTER_SHARE * JITTER_STEPS)
        before = step
    return None
