"""Courses and discount codes in memory."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode
from domain.errors import ChangedMeanwhile, NotFound
from fakes.store import FaultOfOurs, Store
from ports.audit_log import AuditEntry

PAISE_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MemoryCatalogue:
    store: Store

    async def courses(self, *, active_only: bool, at_most: int) -> Sequence[Course]:
        await asyncio.sleep(0)
        shown = [
            course for course in self.store.courses.values() if course.active or not active_only
        ]
        return sorted(shown, key=lambda course: (course.title, course.id))[:at_most]

    async def course(self, course: CourseId) -> Course:
        await asyncio.sleep(0)
        found = self.store.courses.get(course)
        if found is None:
            raise NotFound("course", course)
        return found

    async def courses_named(self, ids: Collection[CourseId]) -> Sequence[Course]:
        await asyncio.sleep(0)
        return [self.store.courses[name] for name in sorted(ids) if name in self.store.courses]

    async def replace_courses(
        self,
        courses: Sequence[Course],
        audit: AuditEntry,
        *,
        seen: Mapping[CourseId, Course | None] | None = None,
    ) -> None:
        await asyncio.sleep(0)

        def change(store: Store) -> None:
            for name, before in (seen or {}).items():
                if store.courses.get(name) != before:
                    raise ChangedMeanwhile("the catalogue")
            for course in courses:
                if course.list_price.paise > PAISE_MAX:
                    raise FaultOfOurs("no column holds such a price")
                store.courses[course.id] = course
            store.audit.append(audit)

        self.store.apply([change])

    async def discounts(self, *, at_most: int) -> Sequence[DiscountCode]:
        await asyncio.sleep(0)
        codes = self.store.discounts
        return [codes[code] for code in sorted(codes)][:at_most]

    async def discounts_named(self, codes: Collection[str]) -> Sequence[DiscountCode]:
        await asyncio.sleep(0)
        known = self.store.discounts
        return [known[code] for code in sorted(codes) if code in known]

    async def replace_discounts(
        self,
        discounts: Sequence[DiscountCode],
        audit: AuditEntry,
        *,
        seen: Mapping[str, DiscountCode | None] | None = None,
    ) -> None:
        await asyncio.sleep(0)

        def change(store: Store) -> None:
            for code, before in (seen or {}).items():
                if store.discounts.get(code) != before:
                    raise ChangedMeanwhile("the catalogue")
            for discount in discounts:
                if discount.min_order and discount.min_order.paise > PAISE_MAX:
                    raise FaultOfOurs("no column holds such an amount")
                store.discounts[discount.code] = discount
            store.audit.append(audit)

        self.store.apply([change])
