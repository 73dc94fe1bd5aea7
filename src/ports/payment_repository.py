"""Where payments are kept: read whole with a version, written whole only if nothing changed since."""

from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import PaymentId
from domain.payment import Payment


@dataclass(frozen=True, slots=True)
class PaymentInContext:
    """A payment, and the other payment that already opened its course for its student, if any."""

    payment: Payment
    owned_by: PaymentId | None


class PaymentRepository(Protocol):
    async def get(self, payment: PaymentId) -> PaymentInContext:
        """Return the payment as it stands, or raise ``NotFound``."""
        ...

    def add(self, payment: Payment) -> None:
        """
        Collect a new payment, written when the unit ends.

        A live payment of the same student for the same course makes the unit end in
        ``ChangedMeanwhile``.
        """
        ...

    def save(self, payment: Payment) -> None:
        """Collect *payment*; the unit ends in ``ChangedMeanwhile`` if its version is not the newest."""
        ...
