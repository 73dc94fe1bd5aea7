"""What the platform can be told: one type for each kind of fact, by the tables of the states."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.payments.dispute_state import DisputeState
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState


class WebhookEventType(StrEnum):
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_EXPIRED = "payment.expired"
    ENROLMENT_STARTED = "enrolment.started"
    ENROLMENT_ENDED = "enrolment.ended"
    REFUND_REQUESTED = "refund.requested"
    """Stored; its status says whether a second person has to approve it first."""

    REFUND_APPROVED = "refund.approved"
    REFUND_REJECTED = "refund.rejected"
    REFUND_WITHDRAWN = "refund.withdrawn"
    REFUND_PENDING = "refund.pending"
    """The bank has it, and has not paid it yet."""

    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    DOCUMENT_ISSUED = "document.issued"
    DISPUTE_RECEIVED = "dispute.received"
    DISPUTE_EVIDENCE_REQUIRED = "dispute.evidence_required"
    DISPUTE_UNDER_REVIEW = "dispute.under_review"
    DISPUTE_WITHDRAWN = "dispute.withdrawn"
    DISPUTE_WON = "dispute.won"
    DISPUTE_LOST = "dispute.lost"
    ENDPOINT_TEST = "endpoint.test"
    """Sent only when somebody asks for it, to one endpoint."""


OF_PAYMENT: Final[Mapping[State, WebhookEventType]] = MappingProxyType(
    {
        State.SUCCESS: WebhookEventType.PAYMENT_SUCCEEDED,
        State.FAILED: WebhookEventType.PAYMENT_FAILED,
        State.EXPIRED: WebhookEventType.PAYMENT_EXPIRED,
    }
)
"""By the state that a step of the sale leads to; what is still open is no fact to tell."""

OF_REFUND: Final[Mapping[RefundState, WebhookEventType]] = MappingProxyType(
    {
        RefundState.AWAITING_APPROVAL: WebhookEventType.REFUND_REQUESTED,
        RefundState.REQUESTED: WebhookEventType.REFUND_REQUESTED,
        RefundState.PENDING: WebhookEventType.REFUND_PENDING,
        RefundState.MANUAL_REVIEW: WebhookEventType.REFUND_PENDING,
        RefundState.SUCCESS: WebhookEventType.REFUND_SUCCEEDED,
        RefundState.FAILED: WebhookEventType.REFUND_FAILED,
        RefundState.REJECTED: WebhookEventType.REFUND_REJECTED,
        RefundState.WITHDRAWN: WebhookEventType.REFUND_WITHDRAWN,
    }
)
"""By the state that a refund is in now; one that was approved has a type of its own."""

OF_DISPUTE: Final[Mapping[DisputeState, WebhookEventType]] = MappingProxyType(
    {
        DisputeState.RECEIVED: WebhookEventType.DISPUTE_RECEIVED,
        DisputeState.EVIDENCE_REQUIRED: WebhookEventType.DISPUTE_EVIDENCE_REQUIRED,
        DisputeState.UNDER_REVIEW: WebhookEventType.DISPUTE_UNDER_REVIEW,
        DisputeState.WITHDRAWN: WebhookEventType.DISPUTE_WITHDRAWN,
        DisputeState.WON: WebhookEventType.DISPUTE_WON,
        DisputeState.LOST: WebhookEventType.DISPUTE_LOST,
    }
)
