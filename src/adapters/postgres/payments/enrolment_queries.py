"""Enrolments for the platform, each page in one query with an index of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, func, select, tuple_

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.payments.tables import enrolment
from domain.catalogue.course import CourseId
from domain.identifiers import PaymentId, StudentId
from ports.payments.enrolment_queries import (
    EnrolmentCursor,
    EnrolmentFilter,
    EnrolmentPage,
    EnrolmentView,
)

BEGINNING: Final = EnrolmentCursor(datetime(1970, 1, 1, tzinfo=UTC), PaymentId(""))


def _page(*, of_student: bool, of_course: bool) -> Prepared:
    changed_at = func.coalesce(enrolment.c.until, enrolment.c.since)
    behind = tuple_(bindparam("changed_at", type_=enrolment.c.since.type), bindparam("last"))
    page = (
        select(enrolment)
        .where(tuple_(changed_at, enrolment.c.payment_id) > behind)
        .order_by(changed_at, enrolment.c.payment_id)
        .limit(bindparam("at_most"))
    )
    if of_student:
        page = page.where(enrolment.c.student_id == bindparam("student"))
    if of_course:
        page = page.where(enrolment.c.course_id == bindparam("course"))
    return prepare(page)


PAGES: Final = {
    (of_student, of_course): _page(of_student=of_student, of_course=of_course)
    for of_student in (False, True)
    for of_course in (False, True)
}


@dataclass(frozen=True, slots=True)
class PostgresEnrolmentQueries:
    database: Database

    async def find(
        self, wanted: EnrolmentFilter, *, after: EnrolmentCursor | None = None, at_most: int
    ) -> EnrolmentPage:
        begin = after or BEGINNING
        if after is None and wanted.changed_from is not None:
            begin = EnrolmentCursor(wanted.changed_from, PaymentId(""))
        values: dict[str, object] = {
            "changed_at": begin.changed_at,
            "last": begin.payment,
            "at_most": at_most + 1,
        }
        if wanted.student is not None:
            values["student"] = wanted.student
        if wanted.course is not None:
            values["course"] = wanted.course
        statement = PAGES[wanted.student is not None, wanted.course is not None]
        rows = await self.database.fetch(statement, **values)
        items = [_to_view(row) for row in rows[:at_most]]
        more = len(rows) > at_most
        last = EnrolmentCursor(items[-1].changed_at, items[-1].payment) if more else None
        return EnrolmentPage(items, last)


def _to_view(row: Record) -> EnrolmentView:
    return EnrolmentView(
        payment=PaymentId(row["payment_id"]),
        student=StudentId(row["student_id"]),
        course=CourseId(row["course_id"]),
        started_at=row["since"],
        ended_at=row["until"],
    )
