"""Requests and answers about dead letters of the outbox and refused webhooks of the bank."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

import msgspec
from msgspec import Meta

from application.notifications.dead_letters import WHY_MAX
from domain.text.email_address import EMAIL_MAX
from ports.notifications.outbox import DeadLetter, OutboxTask
from ports.payments.inbox import RefusedWebhook

Why = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=WHY_MAX,
        description="Why nothing more has to be done, for the audit trail; no card numbers.",
        examples=["Told by telephone"],
    ),
]


class DeadLetterRequeued(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """With `email` every email about the payment goes to that address from now on."""

    email: Annotated[str, Meta(max_length=EMAIL_MAX)] | None = None


class DeadLetterClosed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It is closed undone."""

    why: Why


class WebhookDismissed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It stays stored; a copy that comes later is news again."""

    why: Why


class DeadLetterView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A task that was given up at `since`, after `attempts` tries, because of `why`. `subject` is what it is about:
    the payment, one of its refunds or documents. Of a reconciliation or an alert its id stands in `payment`.
    """

    id: int
    task: OutboxTask
    payment: str
    subject: str
    attempts: int
    since: datetime
    why: str

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        return cls(
            id=letter.id,
            task=letter.task,
            payment=letter.payment,
            subject=letter.subject,
            attempts=letter.attempts,
            since=letter.since,
            why=letter.why,
        )


class DeadLettersView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of those that nobody has dealt with, the oldest first; `next` is null on the last page."""

    items: Sequence[DeadLetterView]
    next: str | None


class RefusedWebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A webhook about no order of ours. `event`, `order` and `status` are the bank's words. It came `copies` times,
    first at `received_at`, and was refused at `since` because of `why`.
    """

    id: int
    event: str
    order: str
    status: str
    copies: int
    received_at: datetime
    since: datetime
    why: str

    @classmethod
    def of(cls, webhook: RefusedWebhook) -> Self:
        return cls(
            id=webhook.id,
            event=webhook.event,
            order=webhook.order,
            status=webhook.status,
            copies=webhook.copies,
            received_at=webhook.received_at,
            since=webhook.since,
            why=webhook.why,
        )


class RefusedWebhooksView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of those that nobody has dismissed, the oldest first; `next` is null on the last page."""

    items: Sequence[RefusedWebhookView]
    next: str | None


DEAD_LETTER: Final[dict[str, Any]] = {
    "id": 731,
    "task": "payment_confirmation",
    "payment": "SKABCDEFGH234567JKLM",
    "subject": "SKABCDEFGH234567JKLM",
    "attempts": 12,
    "since": "2026-08-03T12:30:00Z",
    "why": "answered 550 5.1.1",
}
WEBHOOK: Final[dict[str, Any]] = {
    "id": 4711,
    "event": "ORDER_SUCCEEDED",
    "order": "SHOP-77",
    "status": "CHARGED",
    "copies": 3,
    "received_at": "2026-08-03T12:30:00Z",
    "since": "2026-08-03T13:30:00Z",
    "why": "no payment of ours has this order",
}
