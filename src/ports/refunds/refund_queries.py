"""What staff see of refunds, on their way and of one payment: frozen views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, Self

from domain.identifiers import PaymentId, RefundId
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRefundView:
    """
    One refund as staff see it, whatever became of it; *amount* in rupees, instants in UTC.

    *made_outside* is one that was not asked for here, *error* the bank's word for why it failed.
    *expected_on* is the day in India by which it should have reached the student.
    """

    refund_id: str
    amount: str
    status: str
    reason: str
    revoke_access: bool
    made_outside: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    closed_at: datetime | None
    expected_on: date | None
    bank_reference: str | None
    arn: str | None
    error: str | None

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(
            refund_id=refund.id,
            amount=refund.amount.plain(),
            status=refund.state,
            reason=refund.reason,
            revoke_access=refund.revokes,
            made_outside=refund.outside,
            asked_by=refund.asked_by,
            asked_at=refund.asked_at,
            decided_by=refund.decided_by or None,
            decided_at=refund.decided_at,
            closed_at=refund.closed_at,
            expected_on=refund.promised_on if refund.state.was_sent else None,
            bank_reference=refund.bank_reference or None,
            arn=refund.arn or None,
            error=refund.error or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPaymentView:
    """
    One payment as staff see it before they give money back; amounts in rupees with two decimals.

    *refundable* is what is left: *captured* less *refunded*, which has reached the student, and
    *refunding*, which is on its way or waits for a colleague. *opens_course* is whether the course
    is open by this very payment now, *attention* why a person should look at it.
    """

    transaction_id: str
    student_id: str
    student_name: str
    course_id: str
    course_title: str
    status: str
    payable: str
    captured: str
    refunded: str
    refunding: str
    refundable: str
    opens_course: bool
    attention: str | None
    failure_reason: str | None
    bank_reference: str | None
    opened_at: datetime
    closed_at: datetime | None
    refunds: Sequence[StaffRefundView]


class RefundQueries(Protocol):
    async def open(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> RefundPage:
        """Return up to *at_most* refunds in flight, or those in *state*, beginning behind *after*."""
        ...

    async def of_payment(self, payment: PaymentId) -> StaffPaymentView:
        """Return the payment with all its refunds, oldest first, or raise ``NotFound``."""
        ...

    async def payment_of(self, refund: RefundId) -> PaymentId:
        """Return the payment that a refund asked for here belongs to, or raise ``NotFound``."""
        ...
