"""What the bank answers about an order: the only thing that changes the state of a payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.adjustment import NO_ADJUSTMENT, Adjustment
from domain.payments.dispute_facts import DisputeFacts
from domain.payments.failure_reason import FailureReason
from domain.text.card_number import CardTail

WORD_MAX: Final = 40
NAME_MAX: Final = 100
REFERENCE_MAX: Final = 64
REFUND_ID_MAX: Final = 40
"""How many characters of the bank's texts are kept; what is longer is cut, but for the id of a refund."""

TEXTS_MAX: Final[Mapping[str, int]] = MappingProxyType(
    {
        "word": WORD_MAX,
        "currency": WORD_MAX,
        "method": WORD_MAX,
        "card_brand": WORD_MAX,
        "card_issuer": NAME_MAX,
        "initiated_by": NAME_MAX,
        "error": NAME_MAX,
        "bank_txn_id": REFERENCE_MAX,
        "bank_reference": REFERENCE_MAX,
        "reference": REFERENCE_MAX,
        "arn": REFERENCE_MAX,
    }
)
"""Every text of the bank in the facts by its field's name, and how much of it is kept."""


def cut_texts(facts: object) -> None:
    """Cut the texts of new, frozen *facts* to ``TEXTS_MAX``, whichever adapter made them."""
    for name, length_max in TEXTS_MAX.items():
        text = getattr(facts, name, "")
        if len(text) > length_max:
            object.__setattr__(facts, name, text[:length_max])


class Verdict(StrEnum):
    NOT_ATTEMPTED = "not_attempted"
    IN_PROGRESS = "in_progress"
    CHARGED = "charged"
    DECLINED = "declined"
    UNKNOWN_ORDER = "unknown_order"
    """The bank has no such order: its session was not created, or not yet."""

    UNCLEAR = "unclear"
    """A status that neither proves nor disproves a sale; staff have to review it."""


class ReviewReason(StrEnum):
    """Why staff have to review a payment."""

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
    """Paid so late that the course was no longer on sale."""

    REFUND_OUTSIDE = "refund_outside"
    """The bank made a refund that was not requested in this system."""

    REFUND_FAILED = "refund_failed"
    REFUND_IN_REVIEW = "refund_in_review"
    REFUND_OVERDUE = "refund_overdue"
    REFUND_DIFFERS = "refund_differs"
    """The bank refunds another amount than we requested, or a refund that we never sent."""

    REFUND_UNCLEAR = "refund_unclear"
    REFUNDS_EXCEED = "refunds_exceed"
    """The bank reports refunds of more than is left of what it captured."""

    EFFECTIVE_AMOUNT_DIFFERS = "effective_amount_differs"
    """The student paid more or less than the order's amount, and no setting says who bears it."""

    DISPUTED = "disputed"
    """The payer's bank disputes the charge: staff contest it before the deadline, or accept it."""

    DISPUTE_LOST = "dispute_lost"
    """The payer has the disputed amount: finance decides about the documents."""

    DISPUTE_UNCLEAR = "dispute_unclear"
    """The bank reports a dispute with a word that is not known here."""

    UNRESOLVED = "unresolved"
    """Still neither sold nor failed a day after the last move."""


class RefundVerdict(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    IN_REVIEW = "in_review"
    UNCLEAR = "unclear"
    """A status that neither proves nor disproves that the refund was paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """
    What the bank says of one refund of an order, whoever requested it.

    *id* is empty and *amount* None where the bank's value was unreadable, or the id too long. *word* is the bank's own
    status, *automatic* a refund that the bank made by itself. *error* is set for FAILED and
    IN_REVIEW only. Instants are UTC.
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

    def __post_init__(self) -> None:
        cut_texts(self)
        if len(self.id) > REFUND_ID_MAX:
            # A cut id could be another refund's.
            object.__setattr__(self, "id", RefundId(""))


FINAL_WITHOUT_SALE: Final = frozenset({ReviewReason.AUTO_REFUNDED, ReviewReason.VOIDED})
"""The order is final at the bank, and is no sale (SmartGateway's order-status API)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """How the student paid: only what RBI lets a merchant keep (last four digits and the issuer)."""

    method: str = ""
    card_tail: CardTail | None = None
    card_brand: str = ""
    card_issuer: str = ""

    def __post_init__(self) -> None:
        cut_texts(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """
    One server-to-server answer of the bank about one order.

    *amount* is the order's amount at the bank, None when the answer has none. *failure* is set for
    DECLINED only, *review_reason* for UNCLEAR only. *word* and *word_id* keep the bank's own status
    for staff. Instants are UTC.
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
    adjustment: Adjustment = NO_ADJUSTMENT
    refunds: tuple[RefundFacts, ...] = ()
    disputes: tuple[DisputeFacts, ...] = ()

    def __post_init__(self) -> None:
        cut_texts(self)

    def has_refund(self, refund: RefundId) -> bool:
        """Whether the bank has the refund; when it has not, it may still get it a moment later."""
        return any(known.id == refund for known in self.refunds)
