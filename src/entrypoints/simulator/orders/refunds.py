"""Refunds of an order and their status (SmartGateway's refund API)."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from entrypoints.simulator.orders.bank_numbers import bank_digits
from entrypoints.simulator.refund_script import RefundScript
from entrypoints.simulator.rupees import as_number
from entrypoints.simulator.wire import JsonObject, instant

REFUNDS_MAX: Final = 25
AUTOMATIC: Final = "AUTO_REFUNDED"
SUCCEEDED: Final = ("00", "processed")


class RefundStatus(StrEnum):
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    MANUAL_REVIEW = "MANUAL_REVIEW"


UNDECIDED: Final = frozenset({RefundStatus.PENDING, RefundStatus.MANUAL_REVIEW})


class NotDecidable(Exception):
    """The refund has ended, or its status does not allow this step."""


@dataclass(slots=True, kw_only=True)
class Refund:
    unique_request_id: str
    amount: Decimal
    created_at: datetime
    script: RefundScript
    initiated_by: str = "API"
    webhook_url: str | None = None
    status: RefundStatus = RefundStatus.PENDING
    ended_at: datetime | None = None
    arn: str | None = None
    ref: str | None = None
    error_code: str | None = None
    error_message: str = ""
    sent_to_gateway: bool = field(default=False)

    @property
    def counts(self) -> bool:
        """Whether its amount reduces what may still be refunded; only a failed refund does not."""
        return self.status is not RefundStatus.FAILURE

    @property
    def is_undecided(self) -> bool:
        return self.status in UNDECIDED

    @property
    def is_automatic(self) -> bool:
        return self.initiated_by == AUTOMATIC

    def decide(self, status: RefundStatus, now: datetime) -> None:
        """Set *status*, or raise ``NotDecidable``; a success and a failure are final."""
        if not self.is_undecided or status in {self.status, RefundStatus.PENDING}:
            raise NotDecidable(f"the refund is {self.status} already")
        self.status, self.sent_to_gateway = status, True
        match status:
            case RefundStatus.SUCCESS:
                self.ended_at, self.ref = now, bank_digits(12, "ref", self.unique_request_id)
                self.error_code, self.error_message = SUCCEEDED
            case RefundStatus.FAILURE:
                self.ended_at = now
                self.error_code = self.script.error_code
                self.error_message = self.script.error_message

    def capture_arn(self) -> None:
        """Give a successful refund its ARN, or raise ``NotDecidable`` without a success or with an ARN."""
        if self.status is not RefundStatus.SUCCESS or self.arn is not None:
            raise NotDecidable("only a successful refund without an ARN can get one")
        self.arn = f"7{bank_digits(22, 'arn', self.unique_request_id)}"


def refunded_amount(refunds: Iterable[Refund]) -> Decimal:
    """Return the rupees of all refunds that did not fail, pending and under review included."""
    return sum((refund.amount for refund in refunds if refund.counts), Decimal(0))


def refund_entry(refund: Refund, gateway: str) -> JsonObject:
    """Return *refund* as ``refunds[]`` of an order lists it."""
    entry: JsonObject = {
        "id": refund.unique_request_id if refund.sent_to_gateway else None,
        "unique_request_id": refund.unique_request_id,
        "amount": as_number(refund.amount),
        "created": instant(refund.created_at),
        "status": refund.status,
        "ref": refund.ref,
        "error_code": refund.error_code,
        "error_message": refund.error_message,
        "sent_to_gateway": refund.sent_to_gateway,
        "initiated_by": refund.initiated_by,
        "refund_source": gateway,
        "refund_type": "STANDARD",
    }
    if refund.arn is not None:
        entry["arn"] = refund.arn
    if refund.ended_at is not None:
        name = "pg_processed_at" if refund.counts else "pg_declined_at"
        entry[name] = instant(refund.ended_at)
    return entry


def flat_refund(refund: Refund, *, order_id: str, txn_id: str, gateway: str) -> JsonObject:
    """Return *refund* as the call by ``txn_id`` answers it: one flat object with other field names."""
    return {
        "unique_request_id": refund.unique_request_id,
        "order_id": order_id,
        "txn_id": txn_id,
        "amount": as_number(refund.amount),
        "status": refund.status,
        "sent_to_gateway": refund.sent_to_gateway,
        "refund_type": "STANDARD",
        "refund_source": gateway,
        "gateway": gateway,
        "initiated_by": refund.initiated_by,
        "created": instant(refund.created_at),
        "response_code": refund.error_code,
        "error_message": refund.error_message or None,
        "refund_arn": refund.arn,
        "reference_id": refund.ref,
        "epg_txn_id": None,
        "authorization_id": None,
    }


def automatic_refund_id() -> str:
    """Return an id of an automatic refund: ``AR`` and 18 hexadecimal digits."""
    return f"AR{secrets.token_hex(9)}"
