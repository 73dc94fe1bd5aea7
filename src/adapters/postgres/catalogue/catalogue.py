"""Courses and discount codes as staff see and set them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table, bindparam, literal, select, true
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.catalogue import courses as course_rows
from adapters.postgres.catalogue import discounts as discount_rows
from adapters.postgres.catalogue.tables import course, discount
from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Prepared, prepare
from domain.catalogue.course import Course, CourseId
from domain.catalogue.discount import DiscountCode
from domain.errors import NotFound
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

    async def replace_courses(self, courses: Sequence[Course], audit: AuditEntry) -> None:
        rows = [course_rows.to_columns(each) for each in courses]
        async with self.database.borrow() as connection:
            await connection.apply_many(PUT_COURSE, rows, also=[to_write(audit)])

    async def discounts(self, *, at_most: int) -> Sequence[DiscountCode]:
        rows = await self.database.fetch(DISCOUNTS, most=at_most)
        return [discount_rows.to_discount(row) for row in rows]

    async def replace_discounts(self, discounts: Sequence[DiscountCode], audit: AuditEntry) -> None:
        rows = [discount_rows.to_columns(each) for each in discounts]
        async with self.database.borrow() as connection:
            await connection.apply_many(PUT_DISCOUNT, rows, also=[to_write(audit)])
