"""The payments: each is read whole with its version, and written whole only if it did not change since."""

from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.basis import Basis
from domain.payments.payment import Payment


@dataclass(frozen=True, slots=True)
class PaymentInContext:
    """
    A payment and what else decides about its money.

    *owned_by* is another payment that already opened the course for the student, None without one;
    *on_sale* whether the course can be bought now. *opened* is whether this payment ever opened its
    course, also when the enrolment has ended since. *second_charges* are those of its order that staff have
    asked the bank to give back: a refund of one is none of the sale.
    """

    payment: Payment
    owned_by: PaymentId | None
    on_sale: bool
    opened: bool = False
    second_charges: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRefundRequest:
    """The refund that a client's idempotency key already made; *body_sha256* is a hex digest."""

    payment: PaymentId
    refund: RefundId
    body_sha256: str


class PaymentRepository(Protocol):
    async def get(self, payment: PaymentId) -> Payment:
        """Return the payment with all its refunds, or raise ``NotFound``."""
        ...

    async def get_in_context(self, payment: PaymentId) -> PaymentInContext:
        """Return the payment in its context, read in one round trip, or raise ``NotFound``."""
        ...

    async def refund_request(self, by: str, key: str) -> KnownRefundRequest | None:
        """Return the refund that *by* requested with this idempotency key, of any payment, None without one."""
        ...

    def add(self, payment: Payment) -> None:
        """
        Collect a new payment, with how it began as its first basis.

        The unit ends in ``ChangedMeanwhile`` when the student has a live payment for the course.
        """
        ...

    def save(self, payment: Payment, basis: Basis) -> None:
        """
        Collect *payment* and its refunds as its next version, and what it was decided on: at most once in a unit.

        The unit ends in ``ChangedMeanwhile`` when its version is not the newest, and when the maker of
        a refund used its idempotency key for another refund meanwhile.
        """
        ...
