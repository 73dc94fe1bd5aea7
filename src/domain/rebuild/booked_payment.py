"""What the books say of one payment, with all that its changes were decided on."""

from dataclasses import dataclass
from enum import StrEnum

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.basis import KeptBasis
from domain.payments.payment import Payment


class EnrolmentState(StrEnum):
    NONE = "none"
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedDocument:
    """A document that stands; *refund* is the one that it credits, None for an invoice or bill of supply."""

    number: str
    total: Money
    refund: RefundId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPayment:
    """
    *refunded* and *refunding* are the sums that stand beside the payment's own refunds.

    *awaits_documents* is whether a task may still issue one of its documents, or a person has decided
    that there will be none. *kept* are its bases in the order of their versions.
    """

    payment: Payment
    refunded: Money
    refunding: Money
    enrolment: EnrolmentState = EnrolmentState.NONE
    documents: tuple[BookedDocument, ...] = ()
    awaits_documents: bool = False
    kept: tuple[KeptBasis, ...] = ()
