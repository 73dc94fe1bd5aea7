"""What was sold and refunded, as the matching of settlement lines asks for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.reported import LineRef


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRecord:
    """
    A payment or refund as stored; *at* (UTC) is when it was captured or paid, or else last moved.

    *amount* is what was captured, or else what was to be paid. *rrn* is the bank's reference as it
    was told; *arn* is there for refunds. *expected* says that the bank owes it, or takes it out of what
    it owes; *settled_by* is the line that has closed it. *client_reference* is what the platform calls
    the purchase.
    """

    id: str
    payment_id: PaymentId
    amount: Money
    at: datetime
    state: State | RefundState
    method: str | None = None
    rrn: str | None = None
    arn: str | None = None
    expected: bool = False
    settled_by: LineRef | None = None
    client_reference: str | None = None

    def entry(self, agreement: Agreement, reopened: Collection[LineRef] = ()) -> BookEntry:
        """Return it as it is compared; the lines *reopened* have settled nothing any more."""
        mid = agreement.mids_by_method.get(self.method or "")
        return BookEntry(
            id=self.id,
            payment_id=self.payment_id,
            amount_paise=self.amount.paise,
            at=self.at,
            state=self.state,
            due_on=agreement.terms.due_on(self.at, mid, self.method),
            mid=mid,
            method=self.method,
            rrn=self.rrn,
            arn=self.arn,
            settled_earlier=self.settled_by is not None and self.settled_by not in reopened,
            is_owed=self.expected,
        )


class BookReads(Protocol):
    """Payments without money, such as those of free courses, are no part of the books."""

    async def settleable(self, first: date, last: date) -> Sequence[BookRecord]:
        """
        Return the expectations of the business days *first* to *last* (IST), both included, settled or not.

        They are captures and paid refunds that are in the ledger, in the order of their ids.
        """
        ...

    async def unsettled(self, last: date) -> Sequence[BookRecord]:
        """Return all expectations of business days up to *last* (IST) that no line has closed, likewise."""
        ...

    async def settled_in(self, files: Collection[str]) -> Sequence[BookRecord]:
        """Return the expectations that lines of *files* (hashes of their bytes) have closed, likewise."""
        ...

    async def named(
        self, payments: Collection[PaymentId], refunds: Collection[RefundId]
    ) -> Sequence[BookRecord]:
        """
        Return *payments* in any state, each with all its refunds, and what *refunds* belong to likewise.

        Each stands there once, in the order of their ids. What is not known is left out.
        """
        ...

    async def reserve_held(self, apart_from: Collection[LineRef]) -> Mapping[str, int]:
        """
        Return what the bank holds back as a reserve, in paise by MID: what was held less what was released.

        It is of live lines that are posted, but for those *apart_from* them.
        """
        ...
