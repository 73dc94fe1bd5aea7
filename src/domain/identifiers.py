"""Names of things: who pays, for what, and under which number the bank and we speak of it."""

import re
from typing import Final, NewType

StudentId = NewType("StudentId", str)
PaymentId = NewType("PaymentId", str)
RefundId = NewType("RefundId", str)
"""What the bank calls ``unique_request_id``: ours, or the bank's own for a refund made there."""

PAYMENT_ID_PREFIX: Final = "SK"
PAYMENT_ID_CHARS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PAYMENT_ID_RANDOM_CHARS: Final = 18
"""90 random bits behind ``SK``: 20 characters, the protocol's limit (protocol page, 2.1)."""

REFUND_ID_PREFIX: Final = "RF"
"""Drawn like a payment's: 20 characters, letters and digits only (protocol page, 4.1)."""

_SHAPE: Final = re.compile(rf"{PAYMENT_ID_PREFIX}[A-Z2-7]{{{PAYMENT_ID_RANDOM_CHARS}}}", re.ASCII)


_REFUND_SHAPE: Final = re.compile(
    rf"{REFUND_ID_PREFIX}[A-Z2-7]{{{PAYMENT_ID_RANDOM_CHARS}}}", re.ASCII
)


def system_refund_of(payment: PaymentId) -> RefundId:
    """Return the id of the one refund that the house itself makes of *payment*: always the same."""
    return RefundId(REFUND_ID_PREFIX + payment.removeprefix(PAYMENT_ID_PREFIX))


def is_payment_id(text: str) -> bool:
    """Whether *text* could be one of ours, so that nothing else is ever looked up or sent."""
    return _SHAPE.fullmatch(text) is not None


def is_refund_id(text: str) -> bool:
    """Whether *text* could be a refund of ours."""
    return _REFUND_SHAPE.fullmatch(text) is not None
