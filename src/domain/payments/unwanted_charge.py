"""Money that opens nothing: why it is not wanted, and so goes back by itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.identifiers import PaymentId
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State

REFUND_REASON_FOR: Final[Mapping[ReviewReason, str]] = MappingProxyType(
    {
        ReviewReason.PAID_TWICE: "The course was open already by another payment.",
        ReviewReason.COURSE_CLOSED: "The money came when the course was not on sale any more.",
    }
)
"""The reason that the refund gives; once all went back nobody has to look any more."""


def unwanted_reason(
    state: State, *, owned_by: PaymentId | None, on_sale: bool
) -> ReviewReason | None:
    """
    Return why money for a payment in *state* would open nothing, None when it is wanted.

    Who pays in time gets what was on sale when they began; who is late gets it if it still is.
    """
    if owned_by is not None:
        return ReviewReason.PAID_TWICE
    return ReviewReason.COURSE_CLOSED if state.is_unsold and not on_sale else None
