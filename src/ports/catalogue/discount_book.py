"""How often each discount code was taken: counters that two buyers of the last slot cannot both move."""

from typing import Protocol

from domain.catalogue.discount import DiscountCode
from domain.identifiers import StudentId


class DiscountBook(Protocol):
    def reserve(self, discount: DiscountCode, student: StudentId) -> None:
        """Collect one more use; a code used up meanwhile makes the unit end in ``ChangedMeanwhile``."""
        ...

    def release(self, code: str, student: StudentId) -> None:
        """Collect one use less: what it was reserved for came to nothing."""
        ...

    def honour_late(self, code: str, student: StudentId) -> None:
        """Collect one more use whatever the limits say: its price was paid after the release."""
        ...
