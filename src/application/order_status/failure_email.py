"""A payment that came to nothing is told to its student by letter, if that is still the last word by then."""

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
"""Most of what the bank corrects, and most retries, come sooner."""


@dataclass(frozen=True, slots=True)
class FailureEmail:
    """*retry_until* is the instant (UTC) before which one click tries again, None when it is too late."""

    payment: Payment
    retry_until: datetime | None


def schedule_failure_email(
    work: Work, decision: Decision, *, at: datetime, after: timedelta
) -> None:
    """Collect the errand of telling the student, *after* a while, that *decision* ended in vain."""
    if decision.failed_after_attempt:
        payment = decision.payment.id
        work.notifications.outbox.add(OutboxTask.PAYMENT_FAILURE, payment, at, due_at=at + after)


async def failure_email_of(work: Work, wanted: PaymentId, at: datetime) -> FailureEmail | None:
    """
    Return what the letter about *wanted* has to say now, None when there is nothing to say any more.

    Nothing is said once the payment succeeded after all, the student has the course by another one,
    or is at it again: then that payment's end is told.
    """
    found = await work.payments.repository.get_in_context(wanted)
    payment, standing = found.payment, found.payment.retry_standing
    if not payment.state.is_unsold or found.owned_by is not None:
        return None
    if payment.retried_as is not None:
        heir = await work.payments.repository.get(payment.retried_as)
        if not heir.may_be_replaced:
            return None
        # It never had a page: the student is where they were, and may try once more from here.
        standing = replace(standing, retried=False)
    question = CheckoutQuery(student=payment.student.id, course=payment.course, unsold_since=at)
    if (await work.payments.checkout_facts.read(question)).live is not None:
        return None
    until = standing.until
    return FailureEmail(payment, until if until is not None and at < until else None)
