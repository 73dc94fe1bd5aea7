"""A student ends an open payment, to change it or to leave it: only one of which the bank knows no attempt."""

from dataclasses import replace
from datetime import datetime

from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.decision import Decision, take_step
from domain.payments.failure_reason import FailureReason
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State


class NotCancellable(DomainError):
    """The payment is not open any more, or the bank may be taking the money right now."""

    def __init__(self, payment: PaymentId, state: State) -> None:
        self.payment, self.state = payment, state
        super().__init__(f"a payment that is {state} cannot be cancelled")


def cancel_payment(payment: Payment, at: datetime) -> Decision:
    """
    Return the end of an open payment at its student's wish, or raise ``NotCancellable``.

    The session stays open at the bank until it lapses: money that comes after all is a sale like that of any
    other payment that failed, or goes back where the student has the course by then.
    """
    if payment.state is not State.PENDING or payment.is_under_review:
        raise NotCancellable(payment.id, payment.state)
    ended = replace(payment, failure=FailureReason.CANCELLED_BY_STUDENT)
    return take_step(ended, Event.CANCELLED_BY_STUDENT, at)
