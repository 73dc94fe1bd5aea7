"""The durable inbox: a webhook is stored before it is acknowledged, and kept until it is processed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.identifiers import StudentId
from domain.payments.payment_state import State
from ports.payments.gateway_messages import GatewayEvent
from ports.work_queue import ClaimedEntry, WorkQueue


class EntryState(StrEnum):
    NEW = "new"
    DEFERRED = "deferred"
    """Not for an order of ours yet, or the bank could not be asked; tried again when due."""

    APPLIED = "applied"
    REFUSED = "refused"
    """Given up: it is not about an order of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry(ClaimedEntry):
    """
    One claimed event of the bank.

    *payment_state* and *student* are of the payment with that order id when the entry was claimed,
    None when there is none.
    """

    id: int
    order: str
    only_sale: bool
    received_at: datetime
    payment_state: State | None
    student: StudentId | None


class Inbox(WorkQueue[InboxEntry], Protocol):
    """Completed entries are applied, rescheduled ones deferred, buried ones refused."""

    async def enqueue(self, event: GatewayEvent, at: datetime) -> EntryState:
        """
        Store *event* durably and return its state.

        A copy of an applied event stays applied; a copy of anything else is due again at once.
        """
        ...
