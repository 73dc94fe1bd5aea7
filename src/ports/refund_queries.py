"""What staff see of refunds that have not come to an end: frozen views, read without the domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId, RefundId
from domain.refund_state import RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRefund:
    """
    One refund on its way; *amount* in rupees with two decimals, instants in UTC.

    *asked_by* and *decided_by* are ``staff:ID``, ``system``, or the bank's word for one made there.
    """

    refund_id: str
    transaction_id: str
    student_id: str
    course_title: str
    amount: str
    status: str
    reason: str
    revoke_access: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    arn: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCursor:
    """Where the page before ended."""

    asked_at: datetime
    payment: PaymentId
    refund: RefundId


@dataclass(frozen=True, slots=True)
class RefundPage:
    """Longest waiting first; *next* is None on the last page."""

    items: Sequence[OpenRefund]
    next: RefundCursor | None


class RefundQueries(Protocol):
    async def open(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> RefundPage:
        """Return up to *at_most* refunds in flight, or those in *state*, beginning behind *after*."""
        ...

    async def payment_of(self, refund: RefundId) -> PaymentId:
        """Return the payment that a refund asked for here belongs to, or raise ``NotFound``."""
        ...
