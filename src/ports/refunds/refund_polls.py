"""Which refunds have to be asked about and when: kept until each of them has come to an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.identifiers import PaymentId, RefundId, StudentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPoll:
    """
    One refund to ask about. Whoever holds the newest *generation* may put it back or close it; an
    older holder cannot. *attempts* counts this one.
    """

    payment: PaymentId
    refund: RefundId
    student: StudentId
    attempts: int
    generation: int
    since: datetime


class RefundPolls(Protocol):
    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[RefundPoll]:
        """Return refunds that are due and not leased to anyone, oldest first, now leased to the caller."""
        ...


class RefundPollWrites(Protocol):
    """The unit of work's side: a refund is watched from the very write that makes it go its way."""

    def begin(
        self, payment: PaymentId, refund: RefundId, at: datetime, *, due_at: datetime
    ) -> None:
        """Collect: ask about it from *due_at*; one that is watched already stays as it is."""
        ...

    def end(self, payment: PaymentId, refund: RefundId) -> None:
        """Collect: it has come to an end, nobody has to ask any more; whoever holds it holds nothing."""
        ...

    def again(self, claim: RefundPoll, *, due_at: datetime) -> None:
        """
        Collect: ask again at *due_at*.

        When the caller's lease ran out and somebody else holds the refund, or it has come to an end,
        the unit ends in ``ChangedMeanwhile``.
        """
        ...

    def park(self, claim: RefundPoll, at: datetime) -> None:
        """
        Collect: nobody is asked any more, and it has not come to an end; guarded as ``again`` is.

        ``end`` still ends it, when news comes by another way.
        """
        ...

    def close(self, claim: RefundPoll) -> None:
        """Collect what ``end`` does, guarded as ``again`` is."""
        ...
