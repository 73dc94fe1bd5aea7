"""Everything that decides whether a student may begin to pay for a course, read in one go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode, DiscountUses
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment import Payment
from ports.idempotency import IdempotencyKey, IdempotencyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutQuery:
    student: StudentId
    course: CourseId
    unsold_since: datetime
    code: str | None = None
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutFacts:
    """
    *course* and *discount* are None when there is no such thing. *live* is the student's payment for
    this course that is pending or processing. *unsold* is the newest that failed or expired after
    the question's *unsold_since* although it had a page at the bank. *answered* is the payment of
    *record*.
    """

    course: Course | None
    discount: DiscountCode | None
    uses: DiscountUses
    enrolled: bool
    live: Payment | None
    unsold: PaymentId | None
    record: IdempotencyRecord | None
    answered: Payment | None


class CheckoutReads(Protocol):
    async def read(self, question: CheckoutQuery) -> CheckoutFacts:
        """Return the facts as of now, in one round trip."""
        ...
