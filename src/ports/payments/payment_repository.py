"""Where payments are kept: read whole with a version, written whole only if nothing changed since."""

from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import PaymentId, RefundId
from domain.payments.payment import Payment


@dataclass(frozen=True, slots=True)
class PaymentInContext:
    """
    A payment, the other payment that already opened its course for its student, if any, and whether
    the course can be bought as things stand.
    """

    payment: Payment
    owned_by: PaymentId | None
    on_sale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRefundRequest:
    """The refund that a client's idempotency key already stands for; *body_sha256* is a hex digest."""

    payment: PaymentId
    refund: RefundId
    body_sha256: str


class PaymentRepository(Protocol):
    async def get(self, payment: PaymentId) -> Payment:
        """Return the payment as it stands with all its refunds, or raise ``NotFound``."""
        ...

    async def get_in_context(self, payment: PaymentId) -> PaymentInContext:
        """Return the payment and what else is known of its course, in one round trip, or raise ``NotFound``."""
        ...

    async def refund_request(self, by: str, key: str) -> KnownRefundRequest | None:
        """Return the refund, of whatever payment, that *by* asked for with this idempotency key."""
        ...

    def add(self, payment: Payment) -> None:
        """
        Collect a new payment, written when the unit ends.

        A live payment of the same student for the same course makes the unit end in
        ``ChangedMeanwhile``.
        """
        ...

    def save(self, payment: Payment) -> None:
        """
        Collect *payment* and its refunds, in one step of its version: once in a unit at most.

        The unit ends in ``ChangedMeanwhile`` if its version is not the newest, and when a refund
        carries an idempotency key that its asker used meanwhile for another.
        """
        ...
