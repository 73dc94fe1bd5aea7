"""The durable inbox: a webhook is stored before it is acknowledged, and kept until it is processed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.identifiers import StudentId
from domain.payments.payment_state import State
from ports.payments.gateway_messages import GatewayEvent
from ports.work_queue import ClaimedEntry, QueueWrites, WorkQueue


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedWebhook:
    """
    A webhook that was refused at *since* (UTC) for the reason *why*, and that nobody has dismissed.

    *event*, *order* and *status* are the bank's words; *copies* counts how often it came, *received_at* is the first.
    """

    id: int
    event: str
    order: str
    status: str
    copies: int
    received_at: datetime
    since: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedWebhookCursor:
    """The refused webhook, refused at *since* (UTC), after which a page begins."""

    since: datetime
    id: int


class InboxWrites(QueueWrites[InboxEntry], Protocol):
    """A refused webhook is a dead letter: a person dismisses it."""

    def dismiss_webhook(self, webhook: int, at: datetime) -> None:
        """
        Collect that a person has dismissed the refused webhook with that id; a copy that comes later is news again.

        The unit ends in ``ChangedMeanwhile`` when it is not refused, or is dismissed already.
        """
        ...


class Inbox(WorkQueue[InboxEntry], Protocol):
    """Completed entries are applied, rescheduled ones deferred, buried ones refused."""

    async def enqueue(self, event: GatewayEvent, at: datetime) -> EntryState:
        """
        Store *event* durably and return its state.

        A copy of an applied event stays applied; a copy of anything else is due again at once.
        """
        ...

    async def refused(
        self,
        *,
        at_most: int,
        ids: Collection[int] | None = None,
        after: RefusedWebhookCursor | None = None,
    ) -> Sequence[RefusedWebhook]:
        """
        Return the refused webhooks that nobody has dismissed, oldest first, from behind *after* on.

        With *ids* only those of them.
        """
        ...
