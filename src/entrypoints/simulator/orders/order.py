"""An order at the gateway, and the payer's attempts to pay it."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from entrypoints.simulator.orders.bank_numbers import bank_digits
from entrypoints.simulator.orders.disputes import Dispute
from entrypoints.simulator.orders.instrument_outcomes import Outcome
from entrypoints.simulator.orders.instruments import Instrument
from entrypoints.simulator.orders.refunds import Refund, refunded_amount
from entrypoints.simulator.orders.session_request import SessionRequest
from entrypoints.simulator.orders.webhook_records import WebhookRecord

ATTEMPTS_MAX: Final = 25


class Status(StrEnum):
    NEW = "NEW"
    CHARGED = "CHARGED"
    AUTO_REFUNDED = "AUTO_REFUNDED"
    PENDING_VBV = "PENDING_VBV"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    AUTHORIZATION_FAILED = "AUTHORIZATION_FAILED"


STATUS_IDS: Final = {
    Status.NEW: 10,
    Status.CHARGED: 21,
    Status.PENDING_VBV: 23,
    Status.AUTHENTICATION_FAILED: 26,
    Status.AUTHORIZATION_FAILED: 27,
    Status.AUTO_REFUNDED: 36,
}


# The order was paid: it takes no further attempt.
CLOSED: Final = frozenset({Status.CHARGED, Status.AUTO_REFUNDED})


class NotPayable(Exception):
    """The order allows no attempt to begin, or to end, now."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    number: int
    txn_id: str
    instrument: Instrument
    started_at: datetime
    status: Status = Status.PENDING_VBV
    ended_at: datetime | None = None
    chosen_outcome: Outcome | None = None
    awaits_otp: bool = False
    txn_uuid: str = field(default_factory=lambda: f"moz{secrets.token_hex(8)}")

    @property
    def rrn(self) -> str:
        return f"6{bank_digits(11, 'rrn', self.txn_id)}"

    @property
    def epg_txn_id(self) -> str:
        return f"9{bank_digits(14, 'epg', self.txn_id)}"

    @property
    def auth_id_code(self) -> str:
        return bank_digits(6, "auth", self.txn_id)

    @property
    def is_pending(self) -> bool:
        return self.status is Status.PENDING_VBV


@dataclass(slots=True, kw_only=True)
class Order:
    request: SessionRequest
    created_at: datetime
    expires_at: datetime
    id: str = field(default_factory=lambda: f"ordeh_{secrets.token_hex(16)}")
    attempts: list[Attempt] = field(default_factory=list)
    records: list[WebhookRecord] = field(default_factory=list)
    undelivered: deque[WebhookRecord] = field(default_factory=deque)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    overlay: dict[str, object] = field(default_factory=dict)
    session_calls: int = 0
    status_reads: int = 0
    # Webhooks of one order are sent one after the other, even by several tasks.
    delivery_lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def decisive(self) -> Attempt | None:
        """The attempt that the order status shows: the successful one, else the latest."""
        for attempt in self.attempts:
            if attempt.status in CLOSED:
                return attempt
        return self.attempts[-1] if self.attempts else None

    @property
    def status(self) -> Status:
        return attempt.status if (attempt := self.decisive) else Status.NEW

    @property
    def is_paid(self) -> bool:
        return self.status is Status.CHARGED

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED

    @property
    def amount_refunded(self) -> Decimal:
        return refunded_amount(self.refunds)

    @property
    def refundable(self) -> Decimal:
        return self.request.amount - self.amount_refunded

    def refund(self, unique_request_id: str) -> Refund | None:
        return next((r for r in self.refunds if r.unique_request_id == unique_request_id), None)

    @property
    def pending(self) -> Attempt | None:
        return next((one for one in reversed(self.attempts) if one.is_pending), None)

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def begin(
        self, instrument: Instrument, merchant_id: str, now: datetime, *, late: bool = False
    ) -> Attempt:
        """Return a new attempt in PENDING_VBV, or raise ``NotPayable``."""
        if self.is_closed:
            raise NotPayable("the order is already paid")
        if self.has_expired(now) and not late:
            raise NotPayable("the order has expired")
        if len(self.attempts) >= ATTEMPTS_MAX:
            raise NotPayable(f"the order has used up its {ATTEMPTS_MAX} attempts")
        number = len(self.attempts) + 1
        attempt = Attempt(
            number=number,
            txn_id=f"{merchant_id}-{self.request.order_id}-{number}",
            instrument=instrument,
            started_at=now,
        )
        self.attempts.append(attempt)
        return attempt

    def end(self, attempt: Attempt, status: Status, now: datetime) -> None:
        """End *attempt*, or raise ``NotPayable`` when it has ended or the order is paid."""
        if not attempt.is_pending:
            raise NotPayable("the attempt is already decided")
        if status in CLOSED and self.is_closed:
            raise NotPayable("the order is already paid")
        attempt.status, attempt.ended_at, attempt.awaits_otp = status, now, False
