"""Alerts: what this service cannot solve by itself is sent to operators, not only logged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class AlertKind(StrEnum):
    PAYMENT_UNRESOLVED = "payment_unresolved"
    """For a day the bank has not told whether it charged the payment."""

    REFUND_OVERDUE = "refund_overdue"
    """The bank has had a refund for ten days and has not told how it ended."""

    REFUND_AWAITING_APPROVAL = "refund_awaiting_approval"
    """Refunds wait for the approval of a second person; the request lapses if nobody decides."""

    PAYMENT_UNDER_REVIEW = "payment_under_review"
    """Payments wait for their review by staff; the subject is the reason."""

    PAYMENT_DISPUTED = "payment_disputed"
    """The payer's bank disputes a charge: told at once, and again when the deadline for evidence is near."""

    FILE_LOST = "file_lost"
    """A document's file is missing or damaged in the store; it is regenerated."""

    ARCHIVE_BROKEN = "archive_broken"
    """An archived month, or its file, is not as it was sealed or exported, or it is lost; nothing of it is dropped."""

    SETTLEMENT_FILE_MISSING = "settlement_file_missing"
    """A settlement file has not come by its hour: nothing that it may hold is called missing until it does."""

    RECONCILIATION_FAILED = "reconciliation_failed"
    """A run ended without a conclusion, and has posted nothing: a fault of ours, or no worker could end it."""

    WEBHOOK_FAILING = "webhook_failing"
    """An endpoint of the platform has not answered for an hour or longer; the subject is its id."""

    WEBHOOK_DISABLED = "webhook_disabled"
    """An endpoint of the platform failed for days, or says that it is gone, and is not called any more."""

    INVARIANT_BROKEN = "invariant_broken"
    """An invariant of the money does not hold."""

    INVARIANT_UNCHECKED = "invariant_unchecked"
    """It could not be found out whether an invariant of the money holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """*subject* is the id of what it is about; *facts* never hold personal or card data."""

    kind: AlertKind
    subject: str
    facts: Mapping[str, str] = field(default_factory=dict)


class Alerts(Protocol):
    async def call(self, alert: Alert) -> None:
        """Send *alert* to operators; the same alert may be sent more than once. Never raises."""
        ...
