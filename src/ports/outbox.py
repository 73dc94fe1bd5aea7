"""The transactional outbox: one line per consequence, written with its cause, carried out afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.identifiers import PaymentId


class Errand(StrEnum):
    """What is to be done; the payment tells for whom and with which figures."""

    PAYMENT_CONFIRMATION = "payment_confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLine:
    """
    One claimed line. Whoever holds the newest *generation* may close it; *attempts* counts this one.
    """

    id: int
    errand: Errand
    payment: PaymentId
    attempts: int
    generation: int


class OutboxWrites(Protocol):
    """The unit of work's side."""

    def add(self, errand: Errand, payment: PaymentId, at: datetime) -> None:
        """Collect one line; a second line for the same errand and payment is left out silently."""
        ...


class Outbox(Protocol):
    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OutboxLine]:
        """Return lines that are due and not leased to anyone, oldest first, now leased to the caller."""
        ...

    async def done(self, line: OutboxLine, at: datetime) -> None:
        """Close *line* for good, unless a newer holder has taken it."""
        ...

    async def later(self, line: OutboxLine, *, due_at: datetime, why: str) -> None:
        """Put *line* back until *due_at*, unless a newer holder has taken it."""
        ...

    async def park(self, line: OutboxLine, at: datetime, *, why: str) -> None:
        """Give *line* up for a person to look at, unless a newer holder has taken it."""
        ...
