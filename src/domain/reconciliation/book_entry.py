"""What our books say of a payment or refund, for comparison with what the bank reports."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState


class EntryKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """
    A payment or refund as stored here, in whichever state it is.

    A sale or a refund that was paid is an expectation: the bank has to settle *amount_paise* of it
    by *due_on* (IST). *is_owed* says so of a charge that is no sale, such as one of another amount.
    *at* is when it was captured or paid. *settled_earlier* says that a line of
    an earlier report has already closed it. *mid* is ``None`` while nobody knows over which MID the
    bank settles it.
    """

    id: str
    payment_id: PaymentId
    amount_paise: int
    at: datetime
    state: State | RefundState
    due_on: date
    mid: str | None = None
    method: str | None = None
    rrn: str | None = None
    arn: str | None = None
    settled_earlier: bool = False
    is_owed: bool = False

    @property
    def kind(self) -> EntryKind:
        """Whether it is a payment or a refund: their states tell them apart."""
        return EntryKind.REFUND if isinstance(self.state, RefundState) else EntryKind.PAYMENT

    @property
    def is_expectation(self) -> bool:
        """Whether the bank owes it, or takes it out of what it owes."""
        if isinstance(self.state, RefundState):
            return self.state is RefundState.SUCCESS
        return self.state.is_sold or self.is_owed

    @property
    def is_open(self) -> bool:
        """Whether it is an expectation that no line has closed."""
        return self.is_expectation and not self.settled_earlier

    @property
    def signed_paise(self) -> int:
        """What it does to our money: a refund is negative."""
        return -self.amount_paise if self.kind is EntryKind.REFUND else self.amount_paise
