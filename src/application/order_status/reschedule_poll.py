"""Deciding when the bank is asked next: by whoever moved a payment, or by whoever just asked about it."""

from dataclasses import dataclass
from datetime import datetime

from domain.payments.decision import Decision
from domain.payments.payment import Payment
from domain.payments.polling_schedule import is_polled, next_poll_at
from ports.payments.order_polls import OrderPoll
from ports.unit_of_work import Work


def start_polling(work: Work, payment: Payment, at: datetime) -> None:
    """Collect the questions about *payment*, which was opened or moved just now, from the first on."""
    due = next_poll_at(payment, since=at, at=at) if is_polled(payment) else None
    if due is None:
        work.payments.polls.drop(payment.id)
    else:
        work.payments.polls.begin(payment.id, payment.student.id, since=at, due_at=due)


@dataclass(frozen=True, slots=True)
class PollClaim:
    """A claimed question and the chance (one of ``JITTER_STEPS``) by which the next one comes late."""

    question: OrderPoll
    jitter: int


def reschedule_poll(
    work: Work, asked: PollClaim, decision: Decision, at: datetime, *, answered: bool = True
) -> None:
    """Collect what becomes of a question after *decision*: put off, ended, or parked for a person."""
    payment, question = decision.payment, asked.question
    if not is_polled(payment):
        work.payments.polls.end(question)
        return
    since = at if decision.sale else question.since
    due = next_poll_at(payment, since=since, at=at, jitter=asked.jitter, answered=answered)
    if due is not None:
        work.payments.polls.put_off(question, since=since, due_at=due)
    elif payment.state.is_live or not answered:
        work.payments.polls.park(question, at)
    else:
        work.payments.polls.end(question)
