"""The slots of discount codes: counters that two buyers of the last slot cannot both raise."""

from typing import Protocol

from domain.catalogue.discount import DiscountCode
from domain.identifiers import StudentId


class DiscountBook(Protocol):
    def reserve(self, discount: DiscountCode, student: StudentId) -> None:
        """Collect one more used slot; a code used up meanwhile makes the unit end in ``ChangedMeanwhile``."""
        ...

    def release(self, code: str, student: StudentId) -> None:
        """Collect one used slot less: the payment that reserved it failed or expired."""
        ...

    def honour_late(self, code: str, student: StudentId) -> None:
        """Collect one more used slot above any limit: its price was paid after the release."""
        ...
