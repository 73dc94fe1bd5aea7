"""Numbers nobody can guess, by which the bank and we speak of a payment."""

import secrets

from domain.identifiers import (
    PAYMENT_ID_DRAWN,
    PAYMENT_ID_LETTERS,
    PAYMENT_ID_PREFIX,
    PaymentId,
)


def new_payment_id() -> PaymentId:
    """Return a fresh id of 90 random bits."""
    drawn = "".join(secrets.choice(PAYMENT_ID_LETTERS) for _ in range(PAYMENT_ID_DRAWN))
    return PaymentId(PAYMENT_ID_PREFIX + drawn)
