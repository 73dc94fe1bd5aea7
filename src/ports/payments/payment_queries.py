"""What students see of their payments: frozen views, returned unchanged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, Self

from domain.identifiers import PaymentId, StudentId
from domain.payments.payment_state import State
from domain.payments.refund import Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStep:
    at: datetime
    state: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """
    One refund as its student may see it: from when it goes to the bank; *amount* in rupees.

    *expected_on* is the day in India by which it should be in the account, None for one that failed.
    *arn* is the number by which the student's own bank finds the money.
    """

    refund_id: str
    amount: str
    status: str
    asked_at: datetime
    expected_on: date | None
    arn: str | None

    @classmethod
    def all_of(cls, refunds: Iterable[Refund]) -> list[Self]:
        """Return those that went to the bank: one that waits for a colleague's word promises nothing yet."""
        return [
            cls(
                refund_id=refund.id,
                amount=refund.amount.plain(),
                status=refund.state,
                asked_at=refund.asked_at,
                expected_on=refund.promised_on,
                arn=refund.arn or None,
            )
            for refund in refunds
            if refund.state.was_sent
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """
    One payment as its student may see it; *payable* and *refunded* in rupees with two decimals.

    *refunded* is what has reached the student again, of all *refunds* in the order they were made.
    *retry_until* is the instant (UTC) before which it may be tried again, None when it may not.
    *retry_of* is the payment that this one tries again, *retried_as* the one that tries this again.
    Of documents those are named that stand and can be fetched, credit notes in the order of issue.
    """

    transaction_id: str
    order_id: str
    status: str
    payable: str
    enrolled: bool
    failure_reason: str | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One line of a student's history; amounts in rupees with two decimals, instants in UTC."""

    transaction_id: str
    course_id: str
    course_title: str
    status: str
    list_price: str
    discount: str
    payable: str
    opened_at: datetime
    closed_at: datetime | None
    failure_reason: str | None
    refunded: str
    refunds: Sequence[RefundView]


@dataclass(frozen=True, slots=True)
class HistoryCursor:
    """Where the page before ended."""

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

    async def history(
        self,
        student: StudentId,
        *,
        after: HistoryCursor | None = None,
        state: State | None = None,
        at_most: int,
    ) -> HistoryPage:
        """Return up to *at_most* payments of *student*, newest first, beginning behind *after*."""
        ...
