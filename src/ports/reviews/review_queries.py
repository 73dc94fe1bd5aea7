"""What staff see of payments under review: a list by age, and a count for each reason, as frozen views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol, Self

from domain.identifiers import PaymentId
from domain.money import CURRENCY
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.resolution import OWNERS, Resolution, lawful_resolutions
from domain.staff.access import Role

NAMED_MAX: Final = 20
"""At most so many payments of a reason are named; its count is of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReasonView:
    """One reason, since when it is open (UTC), whose it is, and the actions that are lawful for it now."""

    reason: ReviewReason
    since: datetime
    owner: Role
    resolutions: Sequence[Resolution]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedPayment:
    """One payment under review; amounts in rupees with two decimals, reasons the oldest first."""

    transaction_id: str
    student_id: str
    course_title: str
    status: State
    payable: str
    captured: str
    captured_currency: str
    refundable: str
    opened_at: datetime
    review_since: datetime
    reasons: Sequence[OpenReasonView]
    currency: Literal["INR"] = CURRENCY

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """Return the view of *payment*, which is under review."""
        first = payment.review.known[0]
        return cls(
            transaction_id=payment.id,
            student_id=payment.student.id,
            course_title=payment.quote.course_title,
            status=payment.state,
            payable=payment.quote.payable.plain(),
            captured=payment.captured.plain(),
            captured_currency=payment.capture.currency if payment.capture else CURRENCY,
            refundable=payment.refundable.plain(),
            opened_at=payment.opened_at,
            review_since=first.since,
            reasons=[
                OpenReasonView(
                    reason=each.reason,
                    since=each.since,
                    owner=OWNERS[each.reason],
                    resolutions=list(lawful_resolutions(payment, each.reason)),
                )
                for each in payment.review.known
            ],
        )


@dataclass(frozen=True, slots=True)
class ReviewCursor:
    """The last payment of the page before."""

    since: datetime
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Longest under review first; *next* is None on the last page."""

    items: Sequence[ReviewedPayment]
    next: ReviewCursor | None

    @classmethod
    def of(cls, payments: Sequence[Payment], *, more: bool) -> Self:
        """Return the page of *payments*; with *more* another page follows."""
        items = [ReviewedPayment.of(payment) for payment in payments]
        last = items[-1] if items and more else None
        cursor = ReviewCursor(last.review_since, PaymentId(last.transaction_id)) if last else None
        return cls(items, cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCount:
    """How many payments are under review for *reason*, the oldest *since* then (UTC) and named first."""

    reason: ReviewReason
    count: int
    since: datetime
    payments: Sequence[PaymentId]


class ReviewQueries(Protocol):
    async def under_review(
        self,
        *,
        after: ReviewCursor | None = None,
        reason: ReviewReason | None = None,
        at_most: int,
    ) -> ReviewPage:
        """
        Return up to *at_most* payments under review, only those for *reason* when given.

        A payment stands by its oldest reason, whichever is asked for.
        """
        ...

    async def by_reason(self) -> Sequence[ReviewCount]:
        """Return a count for each reason that is open, in the order of the reasons' names."""
        ...
