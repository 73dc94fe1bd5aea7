"""Enrolments in rows: database constraints allow one active per student and course, and one per payment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, literal, select, update

from adapters.postgres.engine.database import Connection
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.tables import enrolment
from domain.identifiers import PaymentId
from domain.payments.payment import Payment

OPENED_BY = prepare(select(literal("1")).where(enrolment.c.payment_id == bindparam("wanted")))
ENROL = prepare(
    insert(enrolment)
    .values({name: bindparam(name) for name in ("payment_id", "student_id", "course_id", "since")})
    .returning(literal("1"))
)
LEAVE = prepare(
    update(enrolment)
    .where(enrolment.c.payment_id == bindparam("opened_by"), enrolment.c.until.is_(None))
    .values(until=bindparam("ended_at"))
    .returning(literal("1"))
)


@dataclass(frozen=True, slots=True)
class PostgresEnrolments:
    connection: Connection
    writes: list[Write]

    async def opened_by(self, payment: PaymentId) -> bool:
        return bool(await self.connection.fetch(OPENED_BY, wanted=payment))

    def enrol(self, payment: Payment, at: datetime) -> None:
        values = {
            "payment_id": payment.id,
            "student_id": payment.student.id,
            "course_id": payment.course,
            "since": at,
        }
        self.writes.append(Write(ENROL, values))

    def leave(self, payment: Payment, at: datetime) -> None:
        self.writes.append(Write(LEAVE, {"opened_by": payment.id, "ended_at": at}))
