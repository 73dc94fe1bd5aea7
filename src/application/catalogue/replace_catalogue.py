"""Staff replace courses and discount codes; a payment that has begun keeps its own terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode
from ports.audit_log import AuditEntry, Origin
from ports.catalogue.catalogue import Catalogue
from ports.clock import Clock


@dataclass(frozen=True, slots=True)
class ReplaceCourses:
    catalogue: Catalogue
    clock: Clock

    async def __call__(
        self,
        courses: Sequence[Course],
        origin: Origin,
        seen: Mapping[CourseId, Course | None] | None = None,
    ) -> None:
        """
        Add or replace all of *courses* or none, with one audit line.

        With *seen*, which says what each was before, raises ``ChangedMeanwhile`` when one is different.
        """
        await self.catalogue.replace_courses(
            courses,
            AuditEntry(
                at=self.clock.now(),
                origin=origin,
                action="courses.put",
                subject=courses[0].id if len(courses) == 1 else f"{len(courses)} courses",
            ),
            seen=seen,
        )


@dataclass(frozen=True, slots=True)
class ReplaceDiscounts:
    catalogue: Catalogue
    clock: Clock

    async def __call__(
        self,
        discounts: Sequence[DiscountCode],
        origin: Origin,
        seen: Mapping[str, DiscountCode | None] | None = None,
    ) -> None:
        """
        Add or replace all of *discounts* or none, keeping their used slots, with one audit line.

        With *seen* as for courses.
        """
        await self.catalogue.replace_discounts(
            discounts,
            AuditEntry(
                at=self.clock.now(),
                origin=origin,
                action="discounts.put",
                subject=discounts[0].code if len(discounts) == 1 else f"{len(discounts)} codes",
            ),
            seen=seen,
        )
