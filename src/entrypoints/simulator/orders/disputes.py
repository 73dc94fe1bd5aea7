"""Disputes of a charged order, which the gateway calls chargebacks."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from entrypoints.simulator.rupees import as_number
from entrypoints.simulator.wire import JsonObject, instant

DISPUTES_MAX: Final = 25
ANSWER_WITHIN: Final = timedelta(days=3)
"""Until the deadline of a dispute for which the control API names none."""


class DisputeStage(StrEnum):
    """How far the payer's bank has taken it; each stage has a deadline of its own."""

    RETRIEVAL = "RETRIEVAL"
    CHARGEBACK = "CHARGEBACK"
    PRE_ARBITRATION = "PRE_ARBITRATION"
    ARBITRATION = "ARBITRATION"


class DisputeStatus(StrEnum):
    RECEIVED = "RECEIVED"
    EVIDENCE_REQUIRED = "EVIDENCE_REQUIRED"
    UNDER_REVIEW = "UNDER_REVIEW"
    RESOLVED_IN_MERCHANT_FAVOUR = "RESOLVED_IN_MERCHANT_FAVOUR"
    RESOLVED_IN_CUSTOMER_FAVOUR = "RESOLVED_IN_CUSTOMER_FAVOUR"
    EXPIRED = "EXPIRED"
    CANCELED = "CANCELED"


UNDECIDED: Final = (
    DisputeStatus.RECEIVED,
    DisputeStatus.EVIDENCE_REQUIRED,
    DisputeStatus.UNDER_REVIEW,
)
"""In the order in which they follow each other; any of them can be decided."""


class DisputeNotDecidable(Exception):
    """The dispute has ended, or its status does not allow this step."""


@dataclass(slots=True, kw_only=True)
class Dispute:
    amount: Decimal
    stage: DisputeStage
    reason: str
    created_at: datetime
    due_at: datetime
    id: str = field(default_factory=lambda: f"cb_{secrets.token_hex(8)}")
    status: DisputeStatus = DisputeStatus.RECEIVED
    ended_at: datetime | None = None

    def move(self, status: DisputeStatus, now: datetime) -> None:
        """Set *status* at *now*, or raise ``DisputeNotDecidable``; what is decided is final."""
        if self.status not in UNDECIDED:
            raise DisputeNotDecidable(f"the dispute is {self.status} already")
        if status in UNDECIDED and UNDECIDED.index(status) <= UNDECIDED.index(self.status):
            raise DisputeNotDecidable(f"the dispute is {self.status} and does not go back")
        self.status = status
        self.ended_at = None if status in UNDECIDED else now


def dispute_entry(dispute: Dispute) -> JsonObject:
    """Return *dispute* as ``chargebacks[]`` of an order lists it."""
    return {
        "id": dispute.id,
        "object": "chargeback",
        "amount": as_number(dispute.amount),
        "dispute_status": dispute.status,
        "stage": dispute.stage,
        "reason": dispute.reason,
        "date_created": instant(dispute.created_at),
        "due_date": instant(dispute.due_at),
    }
