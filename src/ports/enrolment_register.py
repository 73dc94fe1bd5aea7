"""Who may enter which course: opened by a payment, in the same transaction as its success."""

from datetime import datetime
from typing import Protocol

from domain.payment import Payment


class EnrolmentRegister(Protocol):
    def enrol(self, payment: Payment, at: datetime) -> None:
        """
        Collect the opening of the payment's course to its student.

        A course that another payment opened meanwhile makes the unit end in ``ChangedMeanwhile``.
        """
        ...
