"""What staff see of refunds: those in flight, and those of one payment, as frozen views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, Self

from domain.identifiers import PaymentId, RefundId
from domain.money import CURRENCY
from domain.payments.consent import Consent
from domain.payments.dispute import Dispute
from domain.payments.dispute_state import DisputeState
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRefund:
    """
    One refund in flight; *amount* in rupees with two decimals, instants in UTC.

    *asked_by* and *decided_by* are ``staff:ID`` or ``system``, or what the bank calls the maker of a refund
    made there.
    """

    refund_id: str
    transaction_id: str
    student_id: str
    course_title: str
    amount: str
    status: RefundState
    reason: str
    revoke_access: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    arn: str | None
    currency: Literal["INR"] = CURRENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCursor:
    """The last refund of the page before."""

    asked_at: datetime
    payment: PaymentId
    refund: RefundId


@dataclass(frozen=True, slots=True)
class RefundPage:
    """Oldest request first; *next* is None on the last page."""

    items: Sequence[OpenRefund]
    next: RefundCursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRefund:
    """
    One refund that has come to its end: paid, failed, rejected or withdrawn; *amount* in rupees, instants in UTC.

    *made_outside* says that it was not requested here; *closed_at* is when the bank ended it, None where it never
    had it.
    """

    refund_id: str
    transaction_id: str
    student_id: str
    course_title: str
    amount: str
    status: RefundState
    reason: str
    made_outside: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    closed_at: datetime | None
    arn: str | None
    currency: Literal["INR"] = CURRENCY


@dataclass(frozen=True, slots=True)
class EndedRefundPage:
    """Latest request first; *next* is None on the last page."""

    items: Sequence[EndedRefund]
    next: RefundCursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRefundView:
    """
    One refund in any state, as staff see it; *amount* in rupees with two decimals, instants in UTC.

    *made_outside* says that it was not requested here; *error* is why the bank failed it, in its words.
    *expected_on* is the day (IST) by which it should reach the student.
    """

    refund_id: str
    amount: str
    status: RefundState
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
class DisputeView:
    """
    One dispute at the bank; *amount* in rupees with two decimals, instants in UTC.

    *respond_by* is until when evidence is accepted; *unclear* is a status of the bank that is not known here.
    *alerted_at* is when staff were last alerted of it.
    """

    dispute_id: str
    amount: str
    status: DisputeState
    reason: str
    opened_at: datetime
    respond_by: datetime
    unclear: str | None
    closed_at: datetime | None
    alerted_at: datetime | None = None

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        return cls(
            dispute_id=dispute.id,
            amount=dispute.amount.plain(),
            status=dispute.state,
            reason=dispute.reason,
            opened_at=dispute.opened_at,
            respond_by=dispute.respond_by,
            unclear=dispute.unclear or None,
            closed_at=dispute.closed_at,
            alerted_at=dispute.alerted_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedPayment:
    """
    One payment with an open dispute; *captured* in rupees with two decimals.

    *respond_by* is the earliest deadline (UTC) of its open disputes. *disputes* are all that it has.
    """

    transaction_id: str
    student_id: str
    course_title: str
    captured: str
    respond_by: datetime
    disputes: Sequence[DisputeView]


@dataclass(frozen=True, slots=True)
class DisputeCursor:
    """The last disputed payment of the page before."""

    respond_by: datetime
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class DisputePage:
    """Earliest deadline first; *next* is None on the last page."""

    items: Sequence[DisputedPayment]
    next: DisputeCursor | None

    @classmethod
    def of(cls, items: Sequence[DisputedPayment], *, at_most: int) -> Self:
        """Return the page of the first *at_most* of *items*; with more of them another page follows."""
        shown = items[:at_most]
        last = shown[-1] if len(items) > at_most else None
        after = DisputeCursor(last.respond_by, PaymentId(last.transaction_id)) if last else None
        return cls(shown, after)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPaymentView:
    """
    One payment as staff see it before they refund it; amounts in rupees with two decimals.

    *refunded* has reached the student; *refunding* is in flight or awaits approval. *refundable* is
    *captured* minus both and what was lost in disputes; it is nothing while a dispute is open. What was
    charged in another *captured_currency* counts hundredths of it, and is refundable in the bank's
    dashboard only. *effective_amount*, *surcharge* and *offer* are what the
    bank reported beside the order's amount. *opens_course* is whether this payment opens the course now, *attention*
    the gravest reason for a review, *review_reasons* all of them, the oldest first. *bank_txn_id* and
    *bank_reference* (RRN) are the bank's names of the charge. *consent* is what the student agreed to.
    """

    transaction_id: str
    student_id: str
    student_name: str
    course_id: str
    course_title: str
    status: State
    payable: str
    captured: str
    captured_currency: str
    refunded: str
    refunding: str
    refundable: str
    opens_course: bool
    attention: ReviewReason | None
    review_reasons: Sequence[ReviewReason]
    failure_reason: FailureReason | None
    bank_txn_id: str | None
    bank_reference: str | None
    effective_amount: str | None
    surcharge: str | None
    offer: str | None
    opened_at: datetime
    closed_at: datetime | None
    refunds: Sequence[StaffRefundView]
    disputes: Sequence[DisputeView] = ()
    client_reference: str | None = None
    consent: Consent | None = None
    currency: Literal["INR"] = CURRENCY


class RefundQueries(Protocol):
    async def in_flight(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> RefundPage:
        """Return up to *at_most* refunds in flight, only those in *state* when given, beginning after *after*."""
        ...

    async def ended(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> EndedRefundPage:
        """Return up to *at_most* refunds at their end, only those in *state* when given, older than *after*."""
        ...

    async def of_payment(self, payment: PaymentId) -> StaffPaymentView:
        """Return the payment with all its refunds, oldest first, or raise ``NotFound``."""
        ...

    async def disputed(
        self, *, after: DisputeCursor | None = None, state: DisputeState | None = None, at_most: int
    ) -> DisputePage:
        """
        Return up to *at_most* payments with an open dispute, only those with one in *state* when given.

        The earliest deadline comes first, then the payment's id.
        """
        ...

    async def requested_since(self, by: str, since: datetime) -> Sequence[datetime]:
        """Return when *by*, such as ``staff:ID``, requested refunds here after *since*, the oldest first (UTC)."""
        ...

    async def decided_since(self, by: str, since: datetime) -> Sequence[datetime]:
        """Return when *by* approved, rejected or withdrew refunds after *since*, the oldest first (UTC)."""
        ...

    async def payment_of(self, refund: RefundId) -> PaymentId:
        """Return the payment of a refund that was requested here, or raise ``NotFound``."""
        ...
