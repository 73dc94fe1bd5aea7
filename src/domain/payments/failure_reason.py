"""Why a payment failed or expired, in our words and not the bank's, with a hint for the student."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class FailureReason(StrEnum):
    """A reason that students, staff and the rule for retries share."""

    DECLINED_BY_BANK = "declined_by_bank"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    AUTHENTICATION_FAILED = "authentication_failed"
    DECLINED_BY_GATEWAY = "declined_by_gateway"
    SESSION_EXPIRED = "session_expired"
    GATEWAY_UNREACHABLE = "gateway_unreachable"
    CANCELLED_BY_STUDENT = "cancelled_by_student"
    GATEWAY_REFUSED = "gateway_refused"
    GATEWAY_DENIED = "gateway_denied"
    """The gateway did not accept our own credentials; the order was not at fault."""

    @property
    def retriable(self) -> bool:
        """Whether a retry may succeed without a change by us or the bank."""
        return RETRIABLE[self]

    @property
    def hint(self) -> str:
        """What the student can do, in English, for pages and emails."""
        return HINTS[self]


RETRIABLE: Final[Mapping[FailureReason, bool]] = MappingProxyType(
    {
        FailureReason.DECLINED_BY_BANK: True,
        FailureReason.INSUFFICIENT_FUNDS: True,
        FailureReason.AUTHENTICATION_FAILED: True,
        FailureReason.DECLINED_BY_GATEWAY: True,
        FailureReason.SESSION_EXPIRED: True,
        FailureReason.GATEWAY_UNREACHABLE: True,
        FailureReason.CANCELLED_BY_STUDENT: True,
        # A request that the gateway calls invalid stays invalid until it is changed.
        FailureReason.GATEWAY_REFUSED: False,
        FailureReason.GATEWAY_DENIED: False,
    }
)
HINTS: Final[Mapping[FailureReason, str]] = MappingProxyType(
    {
        FailureReason.DECLINED_BY_BANK: "Your bank declined the payment. Try again, or use another way to pay.",
        FailureReason.INSUFFICIENT_FUNDS: "The account has too little balance. Try another account or card.",
        FailureReason.AUTHENTICATION_FAILED: "The bank could not confirm it was you. Try again and check the OTP.",
        FailureReason.DECLINED_BY_GATEWAY: "The payment page declined the attempt. Try another way to pay.",
        FailureReason.SESSION_EXPIRED: "The time to pay ran out. Nothing was taken; start again when ready.",
        FailureReason.GATEWAY_UNREACHABLE: "The payment page could not be reached. Nothing was taken; try again soon.",
        FailureReason.CANCELLED_BY_STUDENT: "You ended this payment before it was paid. Nothing was taken.",
        FailureReason.GATEWAY_REFUSED: "The payment page refused the order. Nothing was taken; please contact support.",
        FailureReason.GATEWAY_DENIED: "A fault between us and the bank, not in your order. Nothing was taken; please "
        "try again later.",
    }
)
