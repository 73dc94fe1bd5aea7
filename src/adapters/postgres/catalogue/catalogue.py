"""Courses and discount codes as staff see and set them."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    String,
    Table,
    any_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.catalogue import courses as course_rows
from adapters.postgres.catalogue import discounts as discount_rows
from adapters.postgres.catalogue.tables import course, discount
from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Prepared, prepare
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode
from domain.errors import ChangedMeanwhile, NotFound
from ports.audit_log import AuditEntry

NOT_STAFFS = frozenset({"used"})
"""Columns that staff do not set: replacing a discount code keeps the count of its uses."""


def _put(table: Table, key: str) -> Prepared:
    names = [c.name for c in table.columns if c.name not in NOT_STAFFS]
    new = insert(table).values({name: bindparam(name) for name in names})
    return prepare(
        new.on_conflict_do_update(
            index_elements=[key], set_={name: new.excluded[name] for name in names if name != key}
        ).returning(literal(1))
    )


PUT_COURSE, PUT_DISCOUNT = _put(course, "id"), _put(discount, "code")
COURSES = prepare(select(course).order_by(course.c.title, course.c.id).limit(bindparam("most")))
ACTIVE_COURSES = prepare(
    select(course)
    .where(course.c.active == true())
    .order_by(course.c.title, course.c.id)
    .limit(bindparam("most"))
)
COURSE = prepare(select(course).where(course.c.id == bindparam("wanted")))
COURSES_NAMED = prepare(
    select(course)
    .where(course.c.id == any_(bindparam("wanted", type_=ARRAY(String))))
    .order_by(course.c.id)
)
DISCOUNTS_NAMED = prepare(
    select(discount)
    .where(discount.c.code == any_(bindparam("wanted", type_=ARRAY(String))))
    .order_by(discount.c.code)
)
CATALOGUE_LOCK: Final = 6_513_012
"""The key of an advisory lock: any number that no other part uses."""

ALONE = prepare(select(func.pg_advisory_xact_lock(literal_column(str(CATALOGUE_LOCK)))))
DISCOUNTS = prepare(select(discount).order_by(discount.c.code).limit(bindparam("most")))


@dataclass(frozen=True, slots=True)
class PostgresCatalogue:
    database: Database

    async def courses(self, *, active_only: bool, at_most: int) -> Sequence[Course]:
        rows = await self.database.fetch(ACTIVE_COURSES if active_only else COURSES, most=at_most)
        return [course_rows.to_course(row) for row in rows]

    async def course(self, course: CourseId) -> Course:
        rows = await self.database.fetch(COURSE, wanted=course)
        if not rows:
            raise NotFound("course", course)
        return course_rows.to_course(rows[0])

    async def courses_named(self, ids: Collection[CourseId]) -> Sequence[Course]:
        rows = await self.database.fetch(COURSES_NAMED, wanted=sorted(ids))
        return [course_rows.to_course(row) for row in rows]

    async def replace_courses(
        self,
        courses: Sequence[Course],
        audit: AuditEntry,
        *,
        seen: Mapping[CourseId, Course | None] | None = None,
    ) -> None:
        rows = [course_rows.to_columns(each) for each in courses]
        async with self._alone() as connection:
            if seen is not None:
                found = await connection.fetch(COURSES_NAMED, wanted=sorted(seen))
                known = {row["id"]: course_rows.to_course(row) for row in found}
                _check_unchanged({name: known.get(name) for name in seen}, seen)
            await connection.apply_many(PUT_COURSE, rows, also=[to_write(audit)])

    async def discounts(self, *, at_most: int) -> Sequence[DiscountCode]:
        rows = await self.database.fetch(DISCOUNTS, most=at_most)
        return [discount_rows.to_discount(row) for row in rows]

    async def discounts_named(self, codes: Collection[str]) -> Sequence[DiscountCode]:
        rows = await self.database.fetch(DISCOUNTS_NAMED, wanted=sorted(codes))
        return [discount_rows.to_discount(row) for row in rows]

    async def replace_discounts(
        self,
        discounts: Sequence[DiscountCode],
        audit: AuditEntry,
        *,
        seen: Mapping[str, DiscountCode | None] | None = None,
    ) -> None:
        rows = [discount_rows.to_columns(each) for each in discounts]
        async with self._alone() as connection:
            if seen is not None:
                found = await connection.fetch(DISCOUNTS_NAMED, wanted=sorted(seen))
                known = {row["code"]: discount_rows.to_discount(row) for row in found}
                _check_unchanged({name: known.get(name) for name in seen}, seen)
            await connection.apply_many(PUT_DISCOUNT, rows, also=[to_write(audit)])

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction while nobody else changes the catalogue; buyers are not held up."""
        async with self.database.borrow() as connection, connection.transaction():
            await connection.fetch(ALONE)
            yield connection


def _check_unchanged(known: Mapping[Any, object], seen: Mapping[Any, object]) -> None:
    if known != seen:
        raise ChangedMeanwhile("the catalogue")
