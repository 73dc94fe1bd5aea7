"""Remind staff of payments under review: one alert for each reason, with its age."""

from dataclasses import dataclass
from datetime import timedelta

from domain.payments.order_facts import ReviewReason
from domain.payments.resolution import OWNERS
from ports.alerts import Alert, AlertKind, Alerts
from ports.clock import Clock
from ports.reviews.review_queries import ReviewQueries


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindReviews:
    queries: ReviewQueries
    alerts: Alerts
    clock: Clock
    after: timedelta
    """How old the oldest payment under a reason is before staff are reminded of it."""

    async def __call__(self) -> int:
        """
        Send an alert for each reason that is open for too long; return 0, since there is nothing left to do.

        An open dispute has alerts of its own, by its deadline.
        """
        at = self.clock.now()
        for each in await self.queries.by_reason():
            age = at - each.since
            if age < self.after or each.reason is ReviewReason.DISPUTED:
                continue
            facts = {
                "owner": OWNERS[each.reason].value,
                "count": str(each.count),
                "at": each.since.isoformat(),
                "age_seconds": str(int(age.total_seconds())),
                "entry": " ".join(each.payments),
            }
            await self.alerts.call(
                Alert(kind=AlertKind.PAYMENT_UNDER_REVIEW, subject=each.reason.value, facts=facts)
            )
        return 0
