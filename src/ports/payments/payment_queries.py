"""What students see of their payments, as frozen views."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, Self

from domain.catalogue.course import CourseId
from domain.identifiers import PaymentId, StudentId
from domain.money import CURRENCY
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState
from domain.tax.indian_states import SecondTax
from ports.audit_log import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStep:
    at: datetime
    state: State
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """
    One refund as its student may see it, once it was sent to the bank; *amount* in rupees.

    *expected_on* is the day (IST) by which it should be in the account, None for one that failed.
    *closed_at* is when the bank paid it or gave it up (UTC), None while it is on its way.
    *arn* is the number by which the student's own bank finds the money.
    """

    refund_id: str
    amount: str
    status: RefundState
    asked_at: datetime
    closed_at: datetime | None
    expected_on: date | None
    arn: str | None

    @classmethod
    def all_of(cls, refunds: Iterable[Refund]) -> list[Self]:
        """Return those that were sent to the bank: one that awaits approval promises nothing yet."""
        return [
            cls(
                refund_id=refund.id,
                amount=refund.amount.plain(),
                status=refund.state,
                asked_at=refund.asked_at,
                closed_at=refund.closed_at,
                expected_on=refund.promised_on,
                arn=refund.arn or None,
            )
            for refund in refunds
            if refund.state.was_sent
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    """
    How a payment's price is made up; amounts in rupees with two decimals, *gst_rate* in per cent.

    UTGST stands in *sgst*; *second_tax* says which of the two it is, None where neither is due.
    """

    list_price: str
    discount: str
    discount_code: str | None
    taxable: str
    cgst: str
    sgst: str
    igst: str
    payable: str
    second_tax: SecondTax | None
    gst_rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """
    One payment as its student may see it; *payable* and *refunded* in rupees with two decimals.

    *refunded* is the part of the *refunds*, oldest first, that has reached the student.
    *retry_until* is the instant (UTC) before which the payment may be retried, None when it may not.
    *retry_of* is the payment that this one retries, *retried_as* the one that retries this one.
    Documents are named when they are not cancelled and can be downloaded, credit notes oldest first.
    """

    transaction_id: str
    order_id: str
    status: State
    payable: str
    breakdown: PriceView
    enrolled: bool
    failure_reason: FailureReason | None
    needs_attention: bool
    timeline: Sequence[TimelineStep]
    course_id: str
    course_title: str
    payment_url: str | None
    expires_at: datetime
    retry_until: datetime | None
    retry_of: str | None
    retried_as: str | None
    refunded: str
    refunds: Sequence[RefundView]
    invoice_number: str | None
    credit_note_numbers: Sequence[str]
    client_reference: str | None = None
    currency: Literal["INR"] = CURRENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """
    What a payment is made of, as its student may see it: its price, who is billed, and how it was paid.

    Amounts are rupees with two decimals, *gst_rate* is per cent, instants are UTC. *method* names the
    card by its last four digits at most; it is empty until something is paid, as is *bank_reference*.
    *asked_at* is when the bank was last asked about the order, None for never.
    """

    opened_at: datetime
    list_price: str
    discount: str
    discount_code: str | None
    taxable: str
    cgst: str
    sgst: str
    igst: str
    payable: str
    second_tax: SecondTax | None
    gst_rate: str
    exempt: bool
    buyer_name: str
    buyer_state: str
    buyer_gstin: str | None
    buyer_address: str | None
    method: str
    bank_reference: str
    asked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """
    One line of a student's history; amounts in rupees with two decimals, instants in UTC.

    *invoice_number* names the invoice when it can be downloaded.
    """

    transaction_id: str
    course_id: str
    course_title: str
    status: State
    list_price: str
    discount: str
    payable: str
    opened_at: datetime
    closed_at: datetime | None
    failure_reason: FailureReason | None
    refunded: str
    refunds: Sequence[RefundView]
    invoice_number: str | None
    client_reference: str | None = None
    currency: Literal["INR"] = CURRENCY


@dataclass(frozen=True, slots=True)
class HistoryCursor:
    """The last payment of the page before."""

    opened_at: datetime
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Newest first; *next* is None on the last page."""

    items: Sequence[HistoryItem]
    next: HistoryCursor | None


class PaymentQueries(Protocol):
    async def status(self, payment: PaymentId, student: StudentId) -> StatusView:
        """Return the payment, or raise ``NotFound`` when there is none or it is another student's."""
        ...

    async def details(self, payment: PaymentId, student: StudentId) -> PaymentView:
        """Return what it is made of, or raise ``NotFound`` as ``status`` does."""
        ...

    async def open_courses(self, student: StudentId) -> Mapping[CourseId, PaymentId]:
        """Return each course that is open to *student*, with the payment that opened it."""
        ...

    async def history(
        self,
        student: StudentId,
        *,
        after: HistoryCursor | None = None,
        states: Collection[State] | None = None,
        opened_from: datetime | None = None,
        opened_before: datetime | None = None,
        at_most: int,
    ) -> HistoryPage:
        """
        Return up to *at_most* payments of *student* in any of *states*, newest first, from *after* on.

        They were begun from *opened_from* on and before *opened_before* (UTC).
        """
        ...
