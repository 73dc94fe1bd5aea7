"""How staff end the review of a payment: which action is lawful for which reason and state, as a table."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.payments.decision import Decision, compared, take_step
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import Event, State
from domain.payments.review import MISMATCHES, STATUS_REASONS
from domain.staff.access import Permission, Role


class Resolution(StrEnum):
    """What staff do about one reason for a review."""

    READ_AGAIN = "read_again"
    """The order is read at the bank and applied; it ends the reason if the bank's answer does."""

    CLOSE = "close"
    """The session ends without a sale. A charge that the bank reports later still counts."""

    GIVE_BACK = "give_back"
    """All that is left is refunded as any refund: above the limit a second person approves it."""

    ACCEPT = "accept"
    """What the bank did stands, and nothing more is to be done."""


class NotUnderReview(DomainError):
    """The payment is not, or no longer, under review for this reason."""

    def __init__(self, payment: PaymentId, reason: ReviewReason) -> None:
        self.payment, self.reason = payment, reason
        super().__init__(f"the payment is not under review for {reason}")


class ResolutionUnlawful(DomainError):
    """This action does not end this reason, or not while the payment is in its state."""

    def __init__(self, payment: Payment, reason: ReviewReason, resolution: Resolution) -> None:
        self.payment, self.state = payment.id, payment.state
        self.reason, self.resolution = reason, resolution
        self.lawful = lawful_resolutions(payment, reason)
        super().__init__(f"{resolution} does not end {reason} while the payment is {payment.state}")


ANY: Final = frozenset(State)
LIVE: Final = frozenset(state for state in State if state.is_live)
ENDED: Final = ANY - LIVE
SOLD: Final = frozenset(state for state in State if state.is_sold)

ABOUT_THE_ORDER: Final = STATUS_REASONS | MISMATCHES | {ReviewReason.AUTO_REFUNDED}
ABOUT_REFUNDS: Final = frozenset(
    {
        ReviewReason.REFUND_OUTSIDE,
        ReviewReason.REFUND_FAILED,
        ReviewReason.REFUND_DIFFERS,
        ReviewReason.REFUND_UNCLEAR,
        ReviewReason.REFUNDS_EXCEED,
    }
)
ABOUT_DISPUTES: Final = frozenset(
    {ReviewReason.DISPUTED, ReviewReason.DISPUTE_LOST, ReviewReason.DISPUTE_UNCLEAR}
)
UNWANTED: Final = frozenset({ReviewReason.PAID_TWICE, ReviewReason.COURSE_CLOSED})

LAWFUL: Final[Mapping[tuple[ReviewReason, Resolution], frozenset[State]]] = MappingProxyType(
    {
        # To ask the bank is always lawful: its answer decides.
        **{(reason, Resolution.READ_AGAIN): ANY for reason in ReviewReason},
        **{(reason, Resolution.CLOSE): LIVE for reason in ABOUT_THE_ORDER},
        (ReviewReason.UNRESOLVED, Resolution.CLOSE): LIVE,
        # While the payment is live the bank has not done its last; then nothing is to be accepted.
        **{(reason, Resolution.ACCEPT): ENDED for reason in ABOUT_THE_ORDER},
        **{(reason, Resolution.ACCEPT): SOLD for reason in UNWANTED},
        **{(reason, Resolution.ACCEPT): ANY for reason in ABOUT_REFUNDS},
        # A refund that the bank works on is ended by the bank alone.
        **{(reason, Resolution.GIVE_BACK): SOLD for reason in UNWANTED},
        **{(reason, Resolution.GIVE_BACK): ENDED for reason in MISMATCHES},
        (ReviewReason.REFUND_FAILED, Resolution.GIVE_BACK): ENDED,
        (ReviewReason.EFFECTIVE_AMOUNT_DIFFERS, Resolution.ACCEPT): ANY,
        # Accepted is that finance has dealt with it; an open dispute stays in the way of a refund.
        **{(reason, Resolution.ACCEPT): ANY for reason in ABOUT_DISPUTES},
        (ReviewReason.EFFECTIVE_AMOUNT_DIFFERS, Resolution.GIVE_BACK): SOLD,
    }
)
"""The states in which the action is lawful for the reason; a pair that is missing is never lawful."""

OWNERS: Final[Mapping[ReviewReason, Role]] = MappingProxyType(
    dict.fromkeys(ReviewReason, Role.FINANCE)
    | dict.fromkeys(
        (
            ReviewReason.AUTHORISED_ONLY,
            ReviewReason.CAPTURE_PENDING,
            ReviewReason.UNKNOWN_STATUS,
            ReviewReason.UNRESOLVED,
            ReviewReason.VOIDED,
        ),
        Role.SUPPORT,
    )
)
"""Whose queue the reason stands in: support asks the bank and the student, finance decides about money."""

PERMISSION_FOR: Final[Mapping[Resolution, Permission]] = MappingProxyType(
    {
        Resolution.READ_AGAIN: Permission.ASK_BANK,
        Resolution.CLOSE: Permission.RESOLVE_REVIEWS,
        Resolution.GIVE_BACK: Permission.CREATE_REFUNDS,
        Resolution.ACCEPT: Permission.RESOLVE_REVIEWS,
    }
)


def lawful_resolutions(payment: Payment, reason: ReviewReason) -> tuple[Resolution, ...]:
    """Return the actions that are lawful for *reason* now; nothing is given back where nothing is left."""
    return tuple(
        resolution
        for resolution in Resolution
        if payment.state in LAWFUL.get((reason, resolution), ())
        and (resolution is not Resolution.GIVE_BACK or payment.refundable)
    )


def check_resolution(payment: Payment, reason: ReviewReason, resolution: Resolution) -> None:
    """Raise ``NotUnderReview`` or ``ResolutionUnlawful`` unless *resolution* may be taken."""
    if reason not in payment.review:
        raise NotUnderReview(payment.id, reason)
    if resolution not in lawful_resolutions(payment, reason):
        raise ResolutionUnlawful(payment, reason, resolution)


def close_payment(payment: Payment, reason: ReviewReason, at: datetime) -> Decision:
    """Return what follows when staff end the session without a sale; raises as ``check_resolution``."""
    check_resolution(payment, reason, Resolution.CLOSE)
    decision = take_step(payment, Event.CLOSED_BY_STAFF, at)
    review = decision.payment.review.accepting(reason)
    closed = replace(decision, payment=replace(decision.payment, review=review))
    return compared(closed, before=payment)


def accept_review(payment: Payment, reason: ReviewReason) -> Decision:
    """Return what follows when staff let stand what the bank did; raises as ``check_resolution``."""
    check_resolution(payment, reason, Resolution.ACCEPT)
    accepted = replace(
        payment,
        review=payment.review.accepting(reason),
        refunds=payment.refunds.accepting(reason),
    )
    return compared(Decision(payment=accepted), before=payment)
