"""The email that tells a student that a payment failed: scheduled with the failure, checked when it is sent."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.identifiers import PaymentId
from domain.payments.decision import Decision
from domain.payments.payment import Payment
from ports.notifications.outbox import OutboxTask
from ports.payments.checkout_facts import CheckoutQuery
from ports.unit_of_work import Work

FAILURE_EMAIL_AFTER: Final = timedelta(minutes=15)
"""Most corrections by the bank, and most retries, come sooner; then no email is needed."""


@dataclass(frozen=True, slots=True)
class FailureEmail:
    """What the email says: *retry_until* is the end (UTC) of the time to retry, None when it is over."""

    payment: Payment
    retry_until: datetime | None


def schedule_failure_email(
    work: Work, decision: Decision, *, at: datetime, after: timedelta
) -> None:
    """Collect the email that is due *after* a delay, if *decision* is a failure after an attempt."""
    if decision.failed_after_attempt:
        payment = decision.payment.id
        work.notifications.outbox.enqueue(
            OutboxTask.PAYMENT_FAILURE, payment, at, due_at=at + after
        )


async def failure_email_of(work: Work, payment_id: PaymentId, at: datetime) -> FailureEmail | None:
    """
    Return what the email about the payment says at this instant, None when no email is to be sent.

    None is sent once the payment succeeded, the student is enrolled by another payment, or another
    payment is in progress: an email about that one follows if it fails too. Raises ``NotFound``.
    """
    found = await work.payments.repository.get_in_context(payment_id)
    payment, standing = found.payment, found.payment.retry_standing
    if not payment.state.is_unsold or found.owned_by is not None:
        return None
    if payment.retried_as is not None:
        retry = await work.payments.repository.get(payment.retried_as)
        if not retry.may_be_replaced:
            return None
        # The retry got no session at the bank, so this payment may be retried once more.
        standing = replace(standing, retried=False)
    query = CheckoutQuery(student=payment.student.id, course=payment.course, unsold_since=at)
    if (await work.payments.checkout_facts.read(query)).live is not None:
        return None
    until = standing.until
    return FailureEmail(payment, until if until is not None and at < until else None)
