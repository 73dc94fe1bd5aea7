"""Which orders the bank is to be asked about, and when: one asker at a time, and none too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.identifiers import PaymentId, StudentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPoll:
    """
    One claimed question. Whoever holds the newest *generation* may put it off or end it.

    *since* is when the payment last moved.
    """

    payment: PaymentId
    student: StudentId
    since: datetime
    generation: int


class OrderPolls(Protocol):
    async def may_ask(self, payment: PaymentId, at: datetime, *, not_since: datetime) -> bool:
        """Return True to one caller at most while nobody was told so after *not_since*."""
        ...

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OrderPoll]:
        """Return questions due and not leased to anyone, longest due first, now leased to the caller."""
        ...


class OrderPollWrites(Protocol):
    """The unit of work's side: when to ask next is decided with what the last answer changed."""

    def begin(
        self, payment: PaymentId, student: StudentId, *, since: datetime, due_at: datetime
    ) -> None:
        """Collect: ask about *payment* from now on; whoever held an older question loses it."""
        ...

    def drop(self, payment: PaymentId) -> None:
        """Collect: there is nothing to ask about *payment*; whoever held a question loses it."""
        ...

    def put_off(self, question: OrderPoll, *, since: datetime, due_at: datetime) -> None:
        """
        Collect: ask again at *due_at*, and hold *question* no longer.

        This and the next two make the unit end in ``ChangedMeanwhile`` when a newer holder has it.
        """
        ...

    def end(self, question: OrderPoll) -> None:
        """Collect: there is nothing more to ask."""
        ...

    def park(self, question: OrderPoll, at: datetime) -> None:
        """Collect: nobody is asked any more, and the matter is not settled."""
        ...
