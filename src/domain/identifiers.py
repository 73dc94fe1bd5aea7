"""Identifiers that the whole system shares, and the form of those that it makes itself."""

import re
from base64 import b32encode
from hashlib import sha256
from typing import Final, NewType

StudentId = NewType("StudentId", str)
PaymentId = NewType("PaymentId", str)
RefundId = NewType("RefundId", str)
"""What the bank calls ``unique_request_id``: ours, or the bank's own for a refund made there."""

DiscrepancyId = NewType("DiscrepancyId", str)
"""Made from the identity of a discrepancy over runs, so that each run finds the same one."""

PAYMENT_ID_PREFIX: Final = "SK"
PAYMENT_ID_CHARS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PAYMENT_ID_RANDOM_CHARS: Final = 18
"""90 random bits behind ``SK``: 20 characters, the longest order id that SmartGateway's session API takes."""

REFUND_ID_PREFIX: Final = "RF"
"""Followed by random characters as in a payment's id: 20 in all, letters and digits (SmartGateway's refund API)."""

DISCREPANCY_ID_PREFIX: Final = "DC"
"""Followed by as many characters as in a payment's id, out of a hash: 90 bits tell discrepancies apart."""

_SHAPE: Final = re.compile(rf"{PAYMENT_ID_PREFIX}[A-Z2-7]{{{PAYMENT_ID_RANDOM_CHARS}}}", re.ASCII)


_DISCREPANCY_SHAPE: Final = re.compile(
    rf"{DISCREPANCY_ID_PREFIX}[A-Z2-7]{{{PAYMENT_ID_RANDOM_CHARS}}}", re.ASCII
)
_REFUND_SHAPE: Final = re.compile(
    rf"{REFUND_ID_PREFIX}[A-Z2-7]{{{PAYMENT_ID_RANDOM_CHARS}}}", re.ASCII
)


def discrepancy_id(*identity: str) -> DiscrepancyId:
    """Return the id of the discrepancy that is the same one over all runs while *identity* is."""
    digest = sha256("\x1f".join(identity).encode()).digest()
    letters = b32encode(digest).decode()[:PAYMENT_ID_RANDOM_CHARS]
    return DiscrepancyId(DISCREPANCY_ID_PREFIX + letters)


def system_refund_of(payment: PaymentId) -> RefundId:
    """Return the id of the one refund of *payment* that the system itself requests: always the same."""
    return RefundId(REFUND_ID_PREFIX + payment.removeprefix(PAYMENT_ID_PREFIX))


def is_discrepancy_id(text: str) -> bool:
    """Whether *text* has the form of our ids of discrepancies."""
    return _DISCREPANCY_SHAPE.fullmatch(text) is not None


def is_payment_id(text: str) -> bool:
    """Whether *text* has the form of our payment ids; nothing else is read from storage or sent."""
    return _SHAPE.fullmatch(text) is not None


def is_refund_id(text: str) -> bool:
    """Whether *text* has the form of our refund ids."""
    return _REFUND_SHAPE.fullmatch(text) is not None
