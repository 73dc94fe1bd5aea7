"""Courses and discount codes as staff set them; a payment that has begun keeps its own terms."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode
from ports.audit_log import AuditEntry


class Catalogue(Protocol):
    async def courses(self, *, active_only: bool, at_most: int) -> Sequence[Course]:
        """Return at most *at_most* courses in order of their title."""
        ...

    async def course(self, course: CourseId) -> Course:
        """Return the course, or raise ``NotFound``."""
        ...

    async def courses_named(self, ids: Collection[CourseId]) -> Sequence[Course]:
        """Return those of the courses that there are, in the order of their ids."""
        ...

    async def replace_courses(
        self,
        courses: Sequence[Course],
        audit: AuditEntry,
        *,
        seen: Mapping[CourseId, Course | None] | None = None,
    ) -> None:
        """
        Add or replace all of *courses*, or none of them when one cannot be written.

        With *seen*, which says what each of them was (None: there was none), raises
        ``ChangedMeanwhile`` when one is different.
        """
        ...

    async def discounts(self, *, at_most: int) -> Sequence[DiscountCode]:
        """Return at most *at_most* discount codes in order of their text."""
        ...

    async def discounts_named(self, codes: Collection[str]) -> Sequence[DiscountCode]:
        """Return those of the discount codes that there are, in order of their text."""
        ...

    async def replace_discounts(
        self,
        discounts: Sequence[DiscountCode],
        audit: AuditEntry,
        *,
        seen: Mapping[str, DiscountCode | None] | None = None,
    ) -> None:
        """
        Add or replace all of *discounts*, keeping their used slots, or none when one cannot be written.

        With *seen* as for courses.
        """
        ...
