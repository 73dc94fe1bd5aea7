"""What the bank answered when asked about an order: the one thing that may move a payment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.card import CardTail
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.failure_reason import FailureReason


class Verdict(StrEnum):
    NOT_ATTEMPTED = "not_attempted"
    IN_PROGRESS = "in_progress"
    CHARGED = "charged"
    DECLINED = "declined"
    UNKNOWN_ORDER = "unknown_order"
    """The bank has never heard of the order: its session was not opened, or not yet."""

    UNCLEAR = "unclear"
    """A word that neither proves nor disproves a sale; a person has to look."""


class ReviewReason(StrEnum):
    """Why a member of staff has to look at a payment."""

    AUTHORISED_ONLY = "authorised_only"
    VOIDED = "voided"
    CAPTURE_PENDING = "capture_pending"
    AUTO_REFUNDED = "auto_refunded"
    PARTLY_CHARGED = "partly_charged"
    UNKNOWN_STATUS = "unknown_status"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    PAID_TWICE = "paid_twice"
    COURSE_CLOSED = "course_closed"
    """Paid for so late that the course was not on sale any more."""

    REFUND_OUTSIDE = "refund_outside"
    """Money went back that nobody asked for here."""

    REFUND_FAILED = "refund_failed"
    REFUND_IN_REVIEW = "refund_in_review"
    REFUND_OVERDUE = "refund_overdue"
    REFUND_DIFFERS = "refund_differs"
    """The bank gives back another amount than we asked it to, or what we never asked it to."""

    REFUND_UNCLEAR = "refund_unclear"
    REFUNDS_EXCEED = "refunds_exceed"
    """The bank tells of more money going back than is left of what it took."""

    UNRESOLVED = "unresolved"
    """Neither charged nor not, for as long as a day."""


class RefundVerdict(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    IN_REVIEW = "in_review"
    UNCLEAR = "unclear"
    """A word that neither proves nor disproves that the money went back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """
    What the bank says of one refund of an order, whoever asked for it.

    *id* is empty and *amount* None when the bank's could not be read. *automatic*: the bank gave the
    money back by itself. *error* is set for FAILED and IN_REVIEW only. Instants are UTC.
    """

    id: RefundId
    amount: Money | None
    verdict: RefundVerdict
    word: str = ""
    reference: str = ""
    arn: str = ""
    error: str = ""
    initiated_by: str = ""
    automatic: bool = False
    asked_at: datetime | None = None


FINAL_WITHOUT_SALE: Final = frozenset({ReviewReason.AUTO_REFUNDED, ReviewReason.VOIDED})
"""Final for the order and no sale (protocol page, 3.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """How the student paid: only what RBI lets a merchant keep (last four digits and the issuer)."""

    method: str = ""
    card_tail: CardTail | None = None
    card_brand: str = ""
    card_issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """
    One server-to-server answer about one order.

    *amount* is what the bank holds the order to be, None when it did not say. *failure* is set
    for DECLINED only, *attention* for UNCLEAR only. *word* and *word_id* keep the bank's own
    status for staff. Instants are UTC.
    """

    payment: PaymentId
    verdict: Verdict
    amount: Money | None = None
    currency: str = ""
    word: str = ""
    word_id: int | None = None
    failure: FailureReason | None = None
    review_reason: ReviewReason | None = None
    bank_txn_id: str = ""
    bank_reference: str = ""
    instrument: Instrument = Instrument()
    charged_at: datetime | None = None
    refunds: tuple[RefundFacts, ...] = ()

    def has_refund(self, refund: RefundId) -> bool:
        """Whether the bank knows the refund; that it does not, says nothing of a moment later."""
        return any(told.id == refund for told in self.refunds)
