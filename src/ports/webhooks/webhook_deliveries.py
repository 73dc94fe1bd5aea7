"""What is told to the endpoints: one delivery for each fact and endpoint, written in the transaction of the fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from domain.webhooks.platform_endpoint import EndpointId
from domain.webhooks.webhook_event import WebhookEvent
from ports.work_queue import ClaimedEntry, QueueWrites, WorkQueue

ENDPOINT_AT_ONCE: Final = 4
"""So many deliveries to one endpoint are claimed at once, so that a slow one leaves room for the others."""


class DeliveryState(StrEnum):
    NEW = "new"
    """It is due, or waits for its next attempt."""

    DONE = "done"
    DEAD = "dead"
    """All attempts failed. It can be replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(ClaimedEntry):
    """
    One claimed delivery of *event* to *endpoint*; *event_id* stays the same however often it is sent.

    *took_ms* is how long this attempt took, as its holder says when the delivery is discharged.
    """

    id: int
    endpoint: EndpointId
    event_id: str
    event: WebhookEvent
    took_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """
    A delivery as the log shows it. *took_ms* is how long the last attempt took, None before the first.

    *due_at* is when it is tried next, or was tried last; *why* is why it failed last. Instants are UTC.
    """

    id: int
    event_id: str
    event: WebhookEvent
    state: DeliveryState
    attempts: int
    due_at: datetime
    closed_at: datetime | None
    took_ms: int | None
    why: str


class DeliveryWrites(QueueWrites[Delivery], Protocol):
    """A buried delivery can be replayed."""

    def enqueue(self, events: Sequence[WebhookEvent], at: datetime) -> None:
        """
        Collect one delivery of each of *events* to each endpoint that wants it, disabled or not; due at once.

        An event that is there already for an endpoint is left out silently. Nobody who listens: nothing. So
        is the end of an enrolment that the payment never began, or that had ended before this unit.
        """
        ...

    def enqueue_document(self, event: WebhookEvent, at: datetime) -> None:
        """Collect as ``enqueue`` does; the number of the document of this unit is added as ``number``."""
        ...

    def replay(
        self, endpoint: EndpointId, *, since: datetime, until: datetime, at: datetime
    ) -> None:
        """
        Collect that all ended deliveries to *endpoint* of facts from *since* until before *until* are due again.

        They keep their ids, and have all their attempts before them.
        """
        ...


class WebhookDeliveries(WorkQueue[Delivery], Protocol):
    """Deliveries to endpoints that are disabled, or paused, are not claimed."""

    async def log(
        self, endpoint: EndpointId, *, at_most: int, before: int | None = None
    ) -> Sequence[LoggedDelivery]:
        """Return the deliveries to *endpoint*, the newest first, those with an id below *before*."""
        ...

    async def ended(self, endpoint: EndpointId, *, since: datetime, until: datetime) -> int:
        """Return how many deliveries ``replay`` would make due again."""
        ...

    async def forget(self, before: datetime, *, at_most: int) -> int:
        """Delete at most *at_most* deliveries of facts before that instant, whatever came of them; return how many."""
        ...
