"""Which orders the bank is to be asked about, and when: by one worker at a time, and not too often."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId, StudentId
from ports.work_queue import ClaimedEntry, QueueWrites, WorkQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPoll(ClaimedEntry):
    """
    One payment to ask the bank about. *since* is when it last moved (UTC).

    ``reschedule`` keeps the *since* of the poll it is given.
    """

    payment: PaymentId
    student: StudentId
    since: datetime


class OrderPolls(WorkQueue[OrderPoll], Protocol):
    async def may_ask(self, payment: PaymentId, at: datetime, *, not_since: datetime) -> bool:
        """Return True to one caller at most while nobody was told so after *not_since*."""
        ...


class OrderPollWrites(QueueWrites[OrderPoll], Protocol):
    """When to ask next is decided with what the last answer changed. A completed poll is gone."""

    def enqueue(
        self, payment: PaymentId, student: StudentId, *, since: datetime, due_at: datetime
    ) -> None:
        """Collect: poll *payment* from now on, instead of any poll there is; its holder loses it."""
        ...

    def cancel(self, payment: PaymentId) -> None:
        """Collect: *payment* is not polled any more; whoever holds its poll loses it."""
        ...
