"""Order polls: when each order is read next, by one worker at a time, and not too often."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId, StudentId
from domain.payments.payment_state import State
from ports.work_queue import ClaimedEntry, QueueWrites, WorkQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPoll(ClaimedEntry):
    """
    One payment whose order is read. *since* is when it last moved (UTC).

    ``reschedule`` keeps the *since* of the poll it is given.
    """

    payment: PaymentId
    student: StudentId
    since: datetime


@dataclass(frozen=True, slots=True)
class PolledPayment:
    """Whose payment it is whose order may be read now, and how it stands."""

    student: StudentId
    state: State


class OrderPolls(WorkQueue[OrderPoll], Protocol):
    async def may_ask(
        self, payment: PaymentId, at: datetime, *, not_since: datetime
    ) -> PolledPayment | None:
        """
        Return the payment, and store *at*, if no caller got it after the instant *not_since*; only one gets it.

        None to all others, and for a payment that is not known.
        """
        ...


class OrderPollWrites(QueueWrites[OrderPoll], Protocol):
    """The next poll is written in the transaction that applies the last answer. A completed poll is deleted."""

    def enqueue(
        self, payment: PaymentId, student: StudentId, *, since: datetime, due_at: datetime
    ) -> None:
        """Collect: poll *payment* from *due_at* on. It replaces an earlier poll, whose holder loses it."""
        ...

    def cancel(self, payment: PaymentId) -> None:
        """Collect: *payment* is not polled any more; the holder of its poll loses it."""
        ...
