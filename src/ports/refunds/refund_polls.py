"""Refund polls: when the bank is asked about each refund next, until the refund has ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId, RefundId, StudentId
from ports.work_queue import ClaimedEntry, QueueWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPoll(ClaimedEntry):
    """One refund to ask the bank about, polled *since* then (UTC)."""

    payment: PaymentId
    refund: RefundId
    student: StudentId
    since: datetime


class RefundPollWrites(QueueWrites[RefundPoll], Protocol):
    """
    The poll is written in the transaction that requests the refund. A completed poll is deleted.

    ``cancel`` also ends a poll that was buried, when news comes by another way.
    """

    def enqueue(
        self, payment: PaymentId, refund: RefundId, *, since: datetime, due_at: datetime
    ) -> None:
        """Collect: poll *refund* from *due_at* on; one that is polled already stays as it is."""
        ...

    def cancel(self, payment: PaymentId, refund: RefundId) -> None:
        """Collect: *refund* has come to an end and is not polled any more; its holder loses the poll."""
        ...
