"""A charge that gives no enrolment: why, and the reason that its refund states."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State

REFUND_REASON_FOR: Final[Mapping[ReviewReason, str]] = MappingProxyType(
    {
        ReviewReason.PAID_TWICE: "The course was open already by another payment.",
        ReviewReason.AMOUNT_DIFFERS: "The bank charged another amount than the price.",
        ReviewReason.COURSE_CLOSED: "The money came when the course was not on sale any more.",
    }
)
"""What the refund states, by the review reason; a full refund ends the review."""


def unwanted_reason(
    state: State, *, owned_by: PaymentId | None, on_sale: bool
) -> ReviewReason | None:
    """
    Return why a charge of a payment in *state* would give no enrolment, None when it gives one.

    *owned_by* is another payment that enrolled the student already. A student who pays in time gets
    the course even if its sale ended meanwhile; one who pays late gets it only while it is on sale.
    """
    if owned_by is not None:
        return ReviewReason.PAID_TWICE
    return ReviewReason.COURSE_CLOSED if state.is_unsold and not on_sale else None
