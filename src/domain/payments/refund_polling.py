"""When a refund is polled next: after minutes, then hourly, then daily (the bank's advice to merchants)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.identifiers import RefundId
from domain.payments.payment import Payment
from domain.payments.polling_schedule import JITTER_SHARE, JITTER_STEPS

YOUNG_FOR: Final = timedelta(minutes=15)
"""A refund younger than this is polled at the first interval."""

HOURLY_FOR: Final = timedelta(days=1)
POLLED_FOR: Final = timedelta(days=30)
"""Staff have been asked to review an unpaid refund long before (see ``OVERDUE_AFTER``)."""


def no_jitter() -> int:
    """Return the jitter that delays no poll."""
    return 0


@dataclass(frozen=True, slots=True)
class RefundPollingSchedule:
    """
    *first* is the time before the first poll, and between the polls of a young refund.

    *first* has to be longer than a request to the bank can take: from the first poll on, whoever
    holds the poll's claim may send the refund again. *jitter* returns a number as ``JITTER_STEPS``
    describes.
    """

    first: timedelta = timedelta(minutes=3)
    jitter: Callable[[], int] = no_jitter

    def next_poll_at(self, since: datetime, at: datetime) -> datetime | None:
        """
        Return when to poll a refund next (UTC), or None when it is not polled any more.

        *since* is when its polling started, *at* is now.
        """
        age = at - since
        if age >= POLLED_FOR:
            return None
        later = timedelta(hours=1) if age < HOURLY_FOR else timedelta(days=1)
        wait = self.first if age < YOUNG_FOR else later
        return at + wait + wait * self.jitter() / (JITTER_SHARE * JITTER_STEPS)


DEFAULT_SCHEDULE: Final = RefundPollingSchedule()


def polled_since(payment: Payment, refund: RefundId, since: datetime, at: datetime) -> datetime:
    """
    Return since when the polling of *refund* counts (UTC), where it began at *since*.

    While a dispute withholds it a refund is polled daily without an end; the schedule begins anew when
    a dispute has ended.
    """
    known = payment.refunds.find(refund)
    if known is not None and payment.withheld_for(known) is not None:
        return max(since, at - HOURLY_FOR)
    ended = (each.closed_at for each in payment.disputes if each.closed_at is not None)
    return max([since, *ended])
