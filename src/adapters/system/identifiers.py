"""Create ids of payments and refunds that nobody can guess; the bank uses the same ids."""

import secrets

from domain.identifiers import (
    PAYMENT_ID_CHARS,
    PAYMENT_ID_PREFIX,
    PAYMENT_ID_RANDOM_CHARS,
    REFUND_ID_PREFIX,
    PaymentId,
    RefundId,
)


def new_payment_id() -> PaymentId:
    """Return a fresh id of 90 random bits."""
    return PaymentId(PAYMENT_ID_PREFIX + _drawn())


def new_refund_id() -> RefundId:
    """Return a fresh id of 90 random bits."""
    return RefundId(REFUND_ID_PREFIX + _drawn())


def _drawn() -> str:
    return "".join(secrets.choice(PAYMENT_ID_CHARS) for _ in range(PAYMENT_ID_RANDOM_CHARS))
