"""Webhooks about one order, each with the result of every try to deliver it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

HTTP_OK: Final = 200


class WebhookEvent(StrEnum):
    TXN_CREATED = "TXN_CREATED"
    TXN_CHARGED = "TXN_CHARGED"
    TXN_FAILED = "TXN_FAILED"
    ORDER_SUCCEEDED = "ORDER_SUCCEEDED"
    ORDER_FAILED = "ORDER_FAILED"
    REFUND_INITIATED = "REFUND_INITIATED"
    ORDER_REFUNDED = "ORDER_REFUNDED"
    ORDER_REFUND_FAILED = "ORDER_REFUND_FAILED"
    REFUND_MANUAL_REVIEW_NEEDED = "REFUND_MANUAL_REVIEW_NEEDED"
    REFUND_ARN_CAPTURED = "REFUND_ARN_CAPTURED"
    AUTO_REFUND_INITIATED = "AUTO_REFUND_INITIATED"
    AUTO_REFUND_SUCCEEDED = "AUTO_REFUND_SUCCEEDED"
    AUTO_REFUND_FAILED = "AUTO_REFUND_FAILED"
    CHARGEBACK_RECEIVED = "CHARGEBACK_RECEIVED"
    CHARGEBACK_EVIDENCE_REQUIRED = "CHARGEBACK_EVIDENCE_REQUIRED"
    CHARGEBACK_UNDER_REVIEW = "CHARGEBACK_UNDER_REVIEW"
    CHARGEBACK_RESOLVED_IN_MERCHANT_FAVOUR = "CHARGEBACK_RESOLVED_IN_MERCHANT_FAVOUR"
    CHARGEBACK_RESOLVED_IN_CUSTOMER_FAVOUR = "CHARGEBACK_RESOLVED_IN_CUSTOMER_FAVOUR"
    CHARGEBACK_EXPIRED = "CHARGEBACK_EXPIRED"
    CHARGEBACK_CANCELED = "CHARGEBACK_CANCELED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try to deliver: the merchant's HTTP status, or why there was none."""

    at: datetime
    status_code: int | None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class WebhookRecord:
    id: str
    event: WebhookEvent
    number: int
    body: bytes = field(repr=False)
    url: str | None
    is_overtaken: bool = False
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Whether one try was answered with 200; after any other answer the webhook is sent again."""
        return any(delivery.status_code == HTTP_OK for delivery in self.deliveries)
