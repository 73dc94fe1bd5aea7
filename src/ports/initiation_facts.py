"""Everything that decides whether a student may begin to pay for a course, read in one go."""

from dataclasses import dataclass
from typing import Protocol

from domain.course import Course, CourseId
from domain.discount import DiscountCode, DiscountUses
from domain.identifiers import StudentId
from domain.payment import Payment
from ports.idempotency import IdempotencyKey, IdempotencyRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiationQuestion:
    student: StudentId
    course: CourseId
    code: str | None = None
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiationFacts:
    """
    *course* and *discount* are None when there is no such thing. *live* is the student's payment for
    this course that is pending or processing. *answered* is the payment of *record*.
    """

    course: Course | None
    discount: DiscountCode | None
    uses: DiscountUses
    enrolled: bool
    live: Payment | None
    record: IdempotencyRecord | None
    answered: Payment | None


class InitiationReads(Protocol):
    async def read(self, question: InitiationQuestion) -> InitiationFacts:
        """Return the facts as of now, in one round trip."""
        ...
