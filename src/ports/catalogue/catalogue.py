"""Courses and discount codes as staff set them; a payment that has begun keeps its own terms."""

from collections.abc import Sequence
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

    async def replace_courses(self, courses: Sequence[Course], audit: AuditEntry) -> None:
        """Add or replace all of *courses*, or none of them when one cannot be written."""
        ...

    async def discounts(self, *, at_most: int) -> Sequence[DiscountCode]:
        """Return at most *at_most* discount codes in order of their text."""
        ...

    async def replace_discounts(self, discounts: Sequence[DiscountCode], audit: AuditEntry) -> None:
        """Add or replace all of *discounts*, keeping their used slots, or none when one cannot be written."""
        ...
