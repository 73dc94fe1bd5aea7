"""Enrolments: a payment opens its course when it succeeds, and the enrolment ends with a refund."""

from datetime import datetime
from typing import Protocol

from domain.identifiers import PaymentId
from domain.payments.payment import Payment


class EnrolmentRegister(Protocol):
    async def opened_by(self, payment: PaymentId) -> bool:
        """Return whether *payment* ever opened its course, also when the enrolment has ended since."""
        ...

    def enrol(self, payment: Payment, at: datetime) -> None:
        """
        Collect the enrolment of the payment's student in its course, from *at* on.

        The unit ends in ``ChangedMeanwhile`` when another payment opened the course meanwhile.
        """
        ...

    def leave(self, payment: Payment, at: datetime) -> None:
        """Collect the end of the enrolment that *payment* opened; nothing when there is none, or it ended."""
        ...
