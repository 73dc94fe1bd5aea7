"""Retrying a failed or expired payment: when it is allowed, how often, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State

RETRIES_MAX: Final = 3
RETRY_WITHIN: Final = timedelta(hours=24)
"""Counted from when the first payment began, however many retries follow."""


class RetryRefusal(StrEnum):
    """Why a payment cannot be tried again."""

    PAID = "paid"
    UNDER_REVIEW = "under_review"
    """The bank may hold money for it, so that a second payment could charge the student twice."""

    NOT_RETRIABLE = "not_retriable"
    RETRIED_ALREADY = "retried_already"
    TOO_MANY = "too_many"
    TOO_LATE = "too_late"


class RetryRefused(DomainError):
    """The payment cannot be retried; *payment* is the one whose status the student should see."""

    def __init__(self, reason: RetryRefusal, payment: PaymentId) -> None:
        self.reason, self.payment = reason, payment
        super().__init__(f"this payment cannot be tried again: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """
    Of which payment this is a retry: *of* came just before, *first* is the first, begun at *begun_at* (UTC).

    *number* is 1 for the first retry. A retry that got no session at the bank does not count: the
    next retry has the same number.
    """

    of: PaymentId
    first: PaymentId
    number: int
    begun_at: datetime
    counts: bool = True

    @property
    def used(self) -> int:
        """How many of ``RETRIES_MAX`` are used, this one included."""
        return self.number if self.counts else self.number - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStanding:
    """All that decides whether a payment may be retried; *retries* is how many are used already."""

    state: State
    failure: FailureReason | None
    under_review: bool
    retries: int
    begun_at: datetime
    retried: bool

    @property
    def until(self) -> datetime | None:
        """The end (UTC) of the time in which a retry is possible, None when it is not possible at all."""
        allowed = self.state.is_unsold and self.refusal(self.begun_at) is None
        return self.begun_at + RETRY_WITHIN if allowed else None

    def refusal(self, at: datetime) -> RetryRefusal | None:
        """Return why a retry at this instant is refused, None when it is not; it ignores live payments."""
        failure = self.failure
        against = (
            (self.state.is_sold, RetryRefusal.PAID),
            (self.under_review, RetryRefusal.UNDER_REVIEW),
            (self.retried, RetryRefusal.RETRIED_ALREADY),
            (failure is not None and not failure.retriable, RetryRefusal.NOT_RETRIABLE),
            (self.retries >= RETRIES_MAX, RetryRefusal.TOO_MANY),
            (at >= self.begun_at + RETRY_WITHIN, RetryRefusal.TOO_LATE),
        )
        return next((reason for stands, reason in against if stands), None)
