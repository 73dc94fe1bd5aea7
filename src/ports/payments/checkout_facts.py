"""Everything that decides whether a payment for a course may begin, read in one round trip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, DiscountUses
from domain.identifiers import PaymentId, StudentId
from domain.payments.client_reference import ReferencedPurchase
from domain.payments.payment import Payment
from ports.idempotency import IdempotencyKey, IdempotencyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutQuery:
    """What to read: *code* is a discount code, *unsold_since* an instant in UTC, *reference* the platform's own."""

    student: StudentId
    course: CourseId
    unsold_since: datetime
    code: str | None = None
    key: IdempotencyKey | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutFacts:
    """
    What is stored about the student, the course, the discount code and the idempotency key.

    *live* is the student's pending or processing payment for the course. *unsold* is their newest one
    that had a session and failed or expired after the query's *unsold_since*. *record* is what the key
    was used for, *answered* its payment. *referenced* is what bears the reference. Each is None when there is none.
    """

    course: Course | None
    discount: DiscountCode | None
    uses: DiscountUses
    enrolled: bool
    live: Payment | None
    unsold: PaymentId | None
    record: IdempotencyRecord | None
    answered: Payment | None
    referenced: ReferencedPurchase | None = None


class CheckoutReads(Protocol):
    async def read(self, query: CheckoutQuery) -> CheckoutFacts:
        """Return the facts as they are now."""
        ...
