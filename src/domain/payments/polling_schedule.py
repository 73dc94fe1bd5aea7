"""When the bank is asked about a payment that is not final, and when a person has to look at it."""

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
Counted from when the payment last moved: the bank's own schedule for a day (protocol page, 8.3),
then daily until the tenth, after which the bank itself calls a matter stuck.
"""

UNSOLD_POLLED_FOR: Final = timedelta(hours=24)
"""How long money may still arrive for a payment that came to nothing and the bank confirms it did."""

REVIEW_AFTER: Final = timedelta(hours=24)
"""A payment that is live for longer without a move is not going to be settled by waiting."""

UNANSWERED_RETRY_AFTER: Final = timedelta(minutes=1)
UNANSWERED_RETRY_SHARE: Final = 16
"""A question without an answer is repeated after a 16th of the time since the move, a minute at least."""

CHANCES: Final = 1000
JITTER_SHARE: Final = 10
"""A question comes up to a tenth of its step late, so that what began together does not stay so."""


def is_polled(payment: Payment) -> bool:
    """Whether the bank may still have news: not of a sale, nor of what never had a page."""
    return payment.state.is_live or (payment.state.is_unsold and payment.gateway_order is not None)


def next_poll_at(
    payment: Payment, *, since: datetime, at: datetime, chance: int = 0, answered: bool = True
) -> datetime | None:
    """
    Return when to ask about *payment* next, or None when there is no use in asking any more.

    *since* is when it last moved, *at* is now, *chance* is one of ``CHANCES``, from 0 on. A pending payment is asked
    about the moment its session has lapsed. What was not *answered* is asked again sooner, and is
    followed to the end of the schedule.
    """
    confirmed = payment.state.is_unsold and answered
    due = _next_step(since, at, UNSOLD_POLLED_FOR if confirmed else SCHEDULE[-1], chance)
    if payment.state is State.PENDING and at < payment.lapses_at:
        return min(due or payment.lapses_at, payment.lapses_at)
    if answered or due is None or at >= since + REVIEW_AFTER:
        return due
    return min(due, at + max(UNANSWERED_RETRY_AFTER, (at - since) / UNANSWERED_RETRY_SHARE))


def needs_review(payment: Payment, *, since: datetime, at: datetime) -> bool:
    """Whether *payment* has been neither sold nor unsold for too long to go on waiting quietly."""
    return payment.state.is_live and at >= since + REVIEW_AFTER


def waited(payment: Payment, *, since: datetime, at: datetime) -> Decision:
    """Return what follows from one more answer, or none, that told nothing new."""
    if needs_review(payment, since=since, at=at):
        return flag_unresolved(payment)
    return Decision(payment=payment)


def _next_step(since: datetime, at: datetime, until: timedelta, chance: int) -> datetime | None:
    before = timedelta(0)
    for step in SCHEDULE:
        if step > until:
            return None
        if since + step > at:
            return since + step + (step - before) * chance / (JITTER_SHARE * CHANCES)
        before = step
    return None
