"""Deciding when the bank is asked next: by whoever moved a payment, or by whoever just asked about it."""

from dataclasses import dataclass
from datetime import datetime

from domain.payments.payment import Decision, Payment
from domain.payments.polling_schedule import is_asked_about, next_question
from ports.payments.order_polls import BankQuestion
from ports.unit_of_work import Work


def begin_asking(work: Work, payment: Payment, at: datetime) -> None:
    """Collect the questions about *payment*, which was opened or moved just now, from the first on."""
    due = next_question(payment, since=at, at=at) if is_asked_about(payment) else None
    if due is None:
        work.questions.drop(payment.id)
    else:
        work.questions.begin(payment.id, payment.student.id, since=at, due_at=due)


@dataclass(frozen=True, slots=True)
class Asked:
    """A claimed question and the chance (one of ``CHANCES``) by which the next one comes late."""

    question: BankQuestion
    chance: int


def keep_asking(
    work: Work, asked: Asked, decision: Decision, at: datetime, *, answered: bool = True
) -> None:
    """Collect what becomes of a question after *decision*: put off, ended, or parked for a person."""
    payment, question = decision.payment, asked.question
    if not is_asked_about(payment):
        work.questions.end(question)
        return
    since = at if decision.moved_from else question.since
    due = next_question(payment, since=since, at=at, chance=asked.chance, answered=answered)
    if due is not None:
        work.questions.put_off(question, since=since, due_at=due)
    elif payment.state.is_live or not answered:
        work.questions.park(question, at)
    else:
        work.questions.end(question)
