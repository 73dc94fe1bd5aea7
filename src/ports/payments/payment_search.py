"""How staff find payments among all of them: by a search term, a time, a state and an amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from domain.money import CURRENCY, Money
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from domain.payments.search_term import SearchTerm
from ports.payments.payment_queries import HistoryCursor

FOUND_MAX: Final = 100
"""At most so many payments are on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """
    Which payments are wanted: those that meet all that is not None.

    They were begun from *opened_from* on and before *opened_before* (UTC), and cost from *lowest* to
    *highest*, both included.
    """

    term: SearchTerm | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    state: State | None = None
    lowest: Money | None = None
    highest: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPayment:
    """
    One line of what was found; amounts in rupees with two decimals, instants in UTC.

    *student_email* is masked. *method* is how it was paid, in the bank's word, None before. *refunding* is
    in flight or awaits approval.
    """

    transaction_id: str
    student_id: str
    student_name: str
    student_email: str
    course_id: str
    course_title: str
    status: State
    payable: str
    refunded: str
    refunding: str
    method: str | None
    failure_reason: FailureReason | None
    under_review: bool
    opened_at: datetime
    closed_at: datetime | None
    client_reference: str | None = None
    currency: Literal["INR"] = CURRENCY


@dataclass(frozen=True, slots=True)
class FoundPayments:
    """Newest first; *next* is None on the last page."""

    items: Sequence[FoundPayment]
    next: HistoryCursor | None


class PaymentSearch(Protocol):
    async def find(
        self, wanted: PaymentFilter, *, after: HistoryCursor | None = None, at_most: int
    ) -> FoundPayments:
        """
        Return up to *at_most* payments (at most ``FOUND_MAX``), newest first, beginning after *after*.

        A term is compared whole with our ids of payments and refunds, the numbers of documents, the bank's
        ids and references of charges and refunds, ARNs, and the student's id, address and telephone number.
        """
        ...
