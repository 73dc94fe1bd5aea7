"""Questions to the bank in rows: claimed under a lease when due, put off or ended by the newest holder only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, literal, literal_column, null, or_, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.leases import claim_due
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.tables import payment
from adapters.postgres.queues.tables import question
from domain.identifiers import PaymentId, StudentId
from ports.payments.order_polls import OrderPoll

ONE = literal(1)
MAY_ASK = prepare(
    update(payment)
    .where(
        payment.c.id == bindparam("wanted"),
        or_(payment.c.asked_at.is_(None), payment.c.asked_at <= bindparam("not_since")),
    )
    .values(asked_at=bindparam("at"))
    .returning(ONE)
)
CLAIM = claim_due(
    question,
    question.c.state == literal_column("'open'"),
    question.c.id,
    question.c.student_id,
    question.c.since,
    question.c.due_at,
    question.c.generation,
)

_new = insert(question).values(
    id=bindparam("about"),
    student_id=bindparam("student"),
    since=bindparam("moved"),
    due_at=bindparam("due"),
)
BEGIN = prepare(
    _new.on_conflict_do_update(
        index_elements=[question.c.id],
        set_={
            "since": _new.excluded.since,
            "due_at": _new.excluded.due_at,
            "state": literal_column("'open'"),
            "lease_until": null(),
            "generation": question.c.generation + 1,
            "attempts": literal_column("0"),
        },
    ).returning(ONE)
)
DROP = prepare(delete(question).where(question.c.id == bindparam("about")).returning(ONE))

_held: Any = and_(question.c.id == bindparam("about"), question.c.generation == bindparam("held"))
PUT_OFF = prepare(
    update(question)
    .where(_held)
    .values(since=bindparam("moved"), due_at=bindparam("due"), lease_until=null())
    .returning(ONE)
)
PARK = prepare(
    update(question)
    .where(_held)
    .values(state=literal_column("'parked'"), due_at=bindparam("due"), lease_until=null())
    .returning(ONE)
)
END = prepare(delete(question).where(_held).returning(ONE))


@dataclass(frozen=True, slots=True)
class PostgresOrderPolls:
    database: Database

    async def may_ask(self, payment: PaymentId, at: datetime, *, not_since: datetime) -> bool:
        return bool(await self.database.fetch(MAY_ASK, wanted=payment, at=at, not_since=not_since))

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OrderPoll]:
        rows = await self.database.fetch(CLAIM, at=at, until=at + lease, at_most=at_most)
        return [
            OrderPoll(
                payment=PaymentId(row["id"]),
                student=StudentId(row["student_id"]),
                since=row["since"],
                generation=row["generation"],
            )
            # What an update returns comes in no promised order.
            for row in sorted(rows, key=lambda row: (row["due_at"], row["id"]))
        ]


@dataclass(frozen=True, slots=True)
class PostgresOrderPollWrites:
    writes: list[Write]

    def begin(
        self, payment: PaymentId, student: StudentId, *, since: datetime, due_at: datetime
    ) -> None:
        values = {"about": payment, "student": student, "moved": since, "due": due_at}
        self.writes.append(Write(BEGIN, values))

    def drop(self, payment: PaymentId) -> None:
        self.writes.append(Write(DROP, {"about": payment}))

    def put_off(self, question: OrderPoll, *, since: datetime, due_at: datetime) -> None:
        values = {**_of(question), "moved": since, "due": due_at}
        self.writes.append(Write(PUT_OFF, values, expects="question"))

    def end(self, question: OrderPoll) -> None:
        self.writes.append(Write(END, _of(question), expects="question"))

    def park(self, question: OrderPoll, at: datetime) -> None:
        self.writes.append(Write(PARK, {**_of(question), "due": at}, expects="question"))


def _of(question: OrderPoll) -> dict[str, object]:
    return {"about": question.payment, "held": question.generation}
