"""The words of our letters, kept away from the rules that decide to send them."""

from datetime import datetime
from typing import Protocol

from domain.payment import Payment
from domain.refund import Refund
from ports.email_sender import Email


class EmailTexts(Protocol):
    def payment_confirmation(self, payment: Payment) -> Email:
        """Return the letter that tells the student: paid, how much, and the course is open."""
        ...

    def payment_failure(self, payment: Payment, retry_until: datetime | None) -> Email:
        """
        Return the letter that tells the student: not paid, why, and what to do about it.

        *retry_until* is the instant (UTC) before which the payment can be tried again by one click,
        None when it cannot.
        """
        ...

    def refund_requested(self, payment: Payment, refund: Refund) -> Email:
        """Return the letter that tells the student: the bank gives back so much, expected by when."""
        ...

    def refund_confirmation(self, payment: Payment, refund: Refund) -> Email:
        """Return the letter that tells the student: so much is back, and how to find it (the ARN)."""
        ...
