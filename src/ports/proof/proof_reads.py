"""What is kept about one payment beside its books: what the bank sent, and who was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from domain.identifiers import PaymentId
from domain.webhooks.platform_endpoint import EndpointId
from ports.notifications.outbox import OutboxTask
from ports.payments.inbox import EntryState
from ports.webhooks.webhook_deliveries import LoggedDelivery

EMAILED: Final = (
    OutboxTask.PAYMENT_CONFIRMATION,
    OutboxTask.PAYMENT_FAILURE,
    OutboxTask.REFUND_REQUESTED,
    OutboxTask.REFUND_CONFIRMATION,
)
"""The tasks that send the student an email."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedWebhook:
    """
    What was kept of one webhook of the bank; *event*, *status* and *status_id* are its words.

    *body_sha256* is of the raw body, which is not kept. *copies* counts how often it came, *received_at* (UTC) is
    the first. *closed_at* is when it was applied or refused, None before.
    """

    event_id: str
    event: str
    status: str
    status_id: int | None
    body_sha256: str
    copies: int
    received_at: datetime
    state: EntryState
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEmail:
    """
    An email about the payment, or about *subject*, one of its refunds, that the mail server took at *at* (UTC).

    *text_sha256* is None where it was sent before hashes were kept.
    """

    task: OutboxTask
    subject: str
    at: datetime
    text_sha256: str | None


@dataclass(frozen=True, slots=True)
class ToldDelivery:
    """What *endpoint* of the platform was told."""

    endpoint: EndpointId
    delivery: LoggedDelivery


class ProofReads(Protocol):
    """Each returns at most *at_most*, in the order in which they were written."""

    async def webhooks(self, payment: PaymentId, *, at_most: int) -> Sequence[ReceivedWebhook]:
        """Return what the bank sent about the order."""
        ...

    async def emails(self, payment: PaymentId, *, at_most: int) -> Sequence[SentEmail]:
        """Return the emails that were sent; what was closed undone, and is told why, is none."""
        ...

    async def deliveries(self, payment: PaymentId, *, at_most: int) -> Sequence[ToldDelivery]:
        """Return what endpoints of the platform are told; it is kept for a limited time."""
        ...
