"""Payments under review, out of memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from fakes.store import Store
from ports.reviews.review_queries import NAMED_MAX, ReviewCount, ReviewCursor, ReviewPage


@dataclass(frozen=True, slots=True)
class MemoryReviewQueries:
    store: Store

    async def under_review(
        self,
        *,
        after: ReviewCursor | None = None,
        reason: ReviewReason | None = None,
        at_most: int,
    ) -> ReviewPage:
        await asyncio.sleep(0)
        found = sorted(
            (payment for payment in self.store.payments.values() if payment.review),
            key=lambda payment: (payment.review.known[0].since, payment.id),
        )
        wanted = [
            payment
            for payment in found
            if (reason is None or reason in payment.review) and _is_behind(payment, after)
        ]
        return ReviewPage.of(wanted[:at_most], more=len(wanted) > at_most)

    async def by_reason(self) -> Sequence[ReviewCount]:
        await asyncio.sleep(0)
        opened = sorted(
            (each.reason, each.since, payment.id)
            for payment in self.store.payments.values()
            for each in payment.review.known
        )
        counts = []
        for reason in sorted({reason for reason, _, _ in opened}):
            of_it = [(since, payment) for found, since, payment in opened if found is reason]
            named: Sequence[PaymentId] = tuple(payment for _, payment in of_it[:NAMED_MAX])
            counts.append(
                ReviewCount(reason=reason, count=len(of_it), since=of_it[0][0], payments=named)
            )
        return counts


def _is_behind(payment: Payment, after: ReviewCursor | None) -> bool:
    if after is None:
        return True
    return (payment.review.known[0].since, payment.id) > (after.since, after.payment)
