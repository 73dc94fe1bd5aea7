"""Names of things: who pays, for what, and under which number the bank and we speak of it."""

import re
from typing import Final, NewType

StudentId = NewType("StudentId", str)
PaymentId = NewType("PaymentId", str)

PAYMENT_ID_PREFIX: Final = "SK"
PAYMENT_ID_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PAYMENT_ID_DRAWN: Final = 18
"""90 random bits behind ``SK``: 20 characters, the protocol's limit (protocol page, 2.1)."""

_SHAPE: Final = re.compile(rf"{PAYMENT_ID_PREFIX}[A-Z2-7]{{{PAYMENT_ID_DRAWN}}}", re.ASCII)


def is_payment_id(text: str) -> bool:
    """Whether *text* could be one of ours, so that nothing else is ever looked up or sent."""
    return _SHAPE.fullmatch(text) is not None
