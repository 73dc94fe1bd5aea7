"""The durable inbox: what the bank told us is stored before it is answered and kept until it is dealt with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.identifiers import StudentId
from domain.payments.payment_state import State
from ports.payments.gateway_messages import GatewayEvent


class EntryState(StrEnum):
    NEW = "new"
    PARKED = "parked"
    """Not for an order of ours yet, or the bank could not be asked; tried again when due."""

    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """
    One claimed entry. Whoever holds the newest *generation* may close it; an older holder cannot.

    *payment_state* and *student* are of the payment with that order id when the entry was claimed,
    None when there is none. *attempts* counts this one.
    """

    id: int
    order: str
    only_sale: bool
    attempts: int
    generation: int
    received_at: datetime
    payment_state: State | None
    student: StudentId | None


class Inbox(Protocol):
    async def accept(self, event: GatewayEvent, at: datetime) -> EntryState:
        """
        Store *event* durably and return its state.

        A copy of an applied event stays applied; a copy of anything else is due again at once.
        """
        ...

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[InboxEntry]:
        """Return entries that are due and not leased to anyone, oldest first, now leased to the caller."""
        ...


class InboxClosings(Protocol):
    """The unit of work's side: closing an entry happens together with what it led to."""

    def applied(self, entry: InboxEntry, at: datetime) -> None: ...

    def parked(self, entry: InboxEntry, *, due_at: datetime, why: str) -> None: ...

    def refused(self, entry: InboxEntry, at: datetime, *, why: str) -> None: ...
