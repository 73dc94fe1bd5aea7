"""Scheduling the next order poll, after a payment moved or after a poll of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.payments.decision import Decision
from domain.payments.payment import Payment
from domain.payments.polling_schedule import is_polled, next_poll_at
from ports.payments.order_polls import OrderPoll
from ports.unit_of_work import Work


def start_polling(work: Work, payment: Payment, at: datetime) -> None:
    """Collect the first poll of *payment*, which began or moved *at* this instant; cancel it if not polled."""
    due = next_poll_at(payment, since=at, at=at) if is_polled(payment) else None
    if due is None:
        work.payments.polls.cancel(payment.id)
    else:
        work.payments.polls.enqueue(payment.id, payment.student.id, since=at, due_at=due)


def read_if_room(work: Work, payment: Payment, at: datetime) -> None:
    """Collect a poll that is due at once, if the bank reported a refund that has room only now."""
    if payment.awaits_refund_news:
        work.payments.polls.enqueue(payment.id, payment.student.id, since=at, due_at=at)


@dataclass(frozen=True, slots=True)
class PollClaim:
    """A claimed poll, and the random step (below ``JITTER_STEPS``) by which the next one is delayed."""

    poll: OrderPoll
    jitter: int


def reschedule_poll(
    work: Work, claim: PollClaim, decision: Decision, at: datetime, *, unanswered: str = ""
) -> None:
    """
    Collect what becomes of a poll after *decision*: rescheduled, completed, or buried for a person.

    *unanswered* is the reason why the bank gave no answer; it is empty when there was one.
    """
    payment, poll = decision.payment, claim.poll
    if not is_polled(payment):
        work.payments.polls.complete(poll, at)
        return
    since = at if decision.sale else poll.since
    due = next_poll_at(payment, since=since, at=at, jitter=claim.jitter, answered=not unanswered)
    if due is not None:
        moved = replace(poll, since=since)
        work.payments.polls.reschedule(moved, due_at=due, why=unanswered)
    elif payment.state.is_live or payment.awaits_refund_news or unanswered:
        work.payments.polls.bury(poll, at, why=unanswered or "the schedule has ended")
    else:
        work.payments.polls.complete(poll, at)
