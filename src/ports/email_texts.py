"""The words of our letters, kept away from the rules that decide to send them."""

from typing import Protocol

from domain.payment import Payment
from ports.email_sender import Email


class EmailTexts(Protocol):
    def payment_confirmation(self, payment: Payment) -> Email:
        """Return the letter that tells the student: paid, how much, and the course is open."""
        ...
