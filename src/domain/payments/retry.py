"""Trying again after a payment came to nothing: when it is allowed, how often, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import FINAL_WITHOUT_SALE, ReviewReason
from domain.payments.payment_state import State

RETRIES_MAX: Final = 3
RETRY_WITHIN: Final = timedelta(hours=24)
"""Counted from when the first attempt was opened, however many lie between."""


class RetryRefusal(StrEnum):
    """Why a payment cannot be tried again."""

    PAID = "paid"
    UNDER_REVIEW = "under_review"
    """The bank may hold money for it; a second payment could be one too many."""

    NOT_RETRIABLE = "not_retriable"
    RETRIED_ALREADY = "retried_already"
    TOO_MANY = "too_many"
    TOO_LATE = "too_late"


class RetryRefused(DomainError):
    """The payment cannot be tried again; *payment* is the one to look at instead."""

    def __init__(self, reason: RetryRefusal, payment: PaymentId) -> None:
        self.reason, self.payment = reason, payment
        super().__init__(f"this payment cannot be tried again: {reason}")


class PriceChanged(DomainError):
    """What was to be paid then is not what is to be paid now; the student has to see it first."""

    def __init__(self, before: Money, now: Money) -> None:
        self.before, self.now = before, now
        super().__init__(f"the price was {before} then and is {now} now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """
    Which payment is tried again: *of* came just before, *first* began it all at *begun_at* (UTC).

    *number* is 1 for the first retry. One that never had a page at the bank does not count: the
    next has its number again.
    """

    of: PaymentId
    first: PaymentId
    number: int
    begun_at: datetime
    counts: bool = True

    @property
    def used(self) -> int:
        """How many of the student's few retries are used up by and before this one."""
        return self.number if self.counts else self.number - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStanding:
    """All that decides whether a payment may be tried again; *retries* lie before it already."""

    state: State
    failure: FailureReason | None
    review_reason: ReviewReason | None
    retries: int
    begun_at: datetime
    retried: bool

    @property
    def until(self) -> datetime | None:
        """The instant (UTC) before which a retry is possible, None when it is not, whatever the time."""
        allowed = self.state.is_unsold and self.refusal(self.begun_at) is None
        return self.begun_at + RETRY_WITHIN if allowed else None

    def refusal(self, at: datetime) -> RetryRefusal | None:
        """Return what stands against a retry, None for nothing; of a live payment it knows nothing."""
        failure, review_reason = self.failure, self.review_reason
        against = (
            (self.state.is_sold, RetryRefusal.PAID),
            (
                review_reason is not None and review_reason not in FINAL_WITHOUT_SALE,
                RetryRefusal.UNDER_REVIEW,
            ),
            (self.retried, RetryRefusal.RETRIED_ALREADY),
            (failure is not None and not failure.retriable, RetryRefusal.NOT_RETRIABLE),
            (self.retries >= RETRIES_MAX, RetryRefusal.TOO_MANY),
            (at >= self.begun_at + RETRY_WITHIN, RetryRefusal.TOO_LATE),
        )
        return next((reason for stands, reason in against if stands), None)
