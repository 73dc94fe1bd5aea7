"""What the bank answered when asked about an order: the one thing that may move a payment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.card import CardTail
from domain.failure import Failure
from domain.identifiers import PaymentId
from domain.money import Money


class Verdict(StrEnum):
    NOT_ATTEMPTED = "not_attempted"
    IN_PROGRESS = "in_progress"
    CHARGED = "charged"
    DECLINED = "declined"
    UNKNOWN_ORDER = "unknown_order"
    """The bank has never heard of the order: its session was not opened, or not yet."""

    UNCLEAR = "unclear"
    """A word that neither proves nor disproves a sale; a person has to look."""


class Attention(StrEnum):
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


OVER_AT_THE_BANK: Final = frozenset({Attention.AUTO_REFUNDED, Attention.VOIDED})
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
    failure: Failure | None = None
    attention: Attention | None = None
    bank_txn_id: str = ""
    bank_reference: str = ""
    instrument: Instrument = Instrument()
    charged_at: datetime | None = None
