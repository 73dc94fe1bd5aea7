"""The gateway's own book: orders, and the payer's attempts at each."""

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from entrypoints.simulator.orders.instruments import Instrument, Outcome
from entrypoints.simulator.orders.notices import Notice
from entrypoints.simulator.orders.refunds import Refund, refunded_amount
from entrypoints.simulator.orders.session_request import SessionRequest

ATTEMPTS_MAX: Final = 25
ORDERS_KEPT_MAX: Final = 100_000


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


# The money came; nobody pays such an order again.
CLOSED: Final = frozenset({Status.CHARGED, Status.AUTO_REFUNDED})


class NotPayable(Exception):
    """No attempt can start, or end, on this order now."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    number: int
    txn_id: str
    instrument: Instrument
    started_at: datetime
    status: Status = Status.PENDING_VBV
    ended_at: datetime | None = None
    wished: Outcome | None = None
    awaits_otp: bool = False
    txn_uuid: str = field(default_factory=lambda: f"moz{secrets.token_hex(8)}")
    rrn: str = field(default_factory=lambda: f"6{_digits(11)}")
    epg_txn_id: str = field(default_factory=lambda: f"9{_digits(14)}")
    auth_id_code: str = field(default_factory=lambda: _digits(6))

    @property
    def is_open(self) -> bool:
        return self.status is Status.PENDING_VBV


@dataclass(slots=True, kw_only=True)
class Order:
    request: SessionRequest
    created_at: datetime
    expires_at: datetime
    id: str = field(default_factory=lambda: f"ordeh_{secrets.token_hex(16)}")
    attempts: list[Attempt] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    untold: deque[Notice] = field(default_factory=deque)
    refunds: list[Refund] = field(default_factory=list)
    overlay: dict[str, object] = field(default_factory=dict)
    session_calls: int = 0
    status_reads: int = 0
    # Webhooks of one order leave one after the other, however many tasks send them.
    delivery_turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def decisive(self) -> Attempt | None:
        """The attempt that order status reports: a success wins, else the latest."""
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
        return next((one for one in reversed(self.attempts) if one.is_open), None)

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
        """Close *attempt*, or raise ``NotPayable`` when it, or the order by another one, is decided."""
        if not attempt.is_open:
            raise NotPayable("the attempt is already decided")
        if status in CLOSED and self.is_closed:
            raise NotPayable("the order is already paid")
        attempt.status, attempt.ended_at, attempt.awaits_otp = status, now, False


@dataclass(slots=True)
class OrderBook:
    """Order ids are told apart without regard to case, as the gateway does."""

    _by_order_id: dict[str, Order] = field(default_factory=dict)
    _by_id: dict[str, Order] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Order]:
        return iter(self._by_id.values())

    def add(self, order: Order) -> None:
        self._by_order_id[order.request.order_id.casefold()] = order
        self._by_id[order.id] = order
        if len(self._by_id) > ORDERS_KEPT_MAX:
            oldest = self._by_id.pop(next(iter(self._by_id)))
            del self._by_order_id[oldest.request.order_id.casefold()]

    def by_order_id(self, order_id: str) -> Order | None:
        return self._by_order_id.get(order_id.casefold())

    def by_txn_id(self, txn_id: str) -> Order | None:
        """Return the order that this attempt paid, ``{merchant}-{order}-{attempt}``."""
        order_id, _, _ = txn_id.rpartition("-")
        order = self.by_order_id(order_id.rpartition("-")[2])
        known = order and any(attempt.txn_id == txn_id for attempt in order.attempts)
        return order if known else None

    def by_id(self, gateway_id: str) -> Order | None:
        return self._by_id.get(gateway_id)


def _digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"
