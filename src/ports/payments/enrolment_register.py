"""Who may enter which course: opened by a payment as it succeeds, closed as its money goes back."""

from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId
from domain.payments.payment import Payment


class EnrolmentRegister(Protocol):
    async def opened_by(self, payment: PaymentId) -> bool:
        """Return whether *payment* ever opened its course, closed since or not."""
        ...

    def enrol(self, payment: Payment, at: datetime) -> None:
        """
        Collect the opening of the payment's course to its student.

        A course that another payment opened meanwhile makes the unit end in ``ChangedMeanwhile``.
        """
        ...

    def leave(self, payment: Payment, at: datetime) -> None:
        """Collect the end of what this payment opened; nothing when it opened nothing, or ended before."""
        ...
