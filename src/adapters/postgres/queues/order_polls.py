"""Order polls in rows: at most one for each payment, claimed with a lease when it is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal_column, null, or_, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.tables import payment
from adapters.postgres.queues.statements import (
    ONE,
    change_held,
    claim_due,
    claimed,
    delete_any,
    delete_held,
    held_write,
    named,
)
from adapters.postgres.queues.tables import order_poll
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment_state import State
from ports.payments.order_polls import OrderPoll, PolledPayment

MAY_ASK = prepare(
    update(payment)
    .where(
        payment.c.id == bindparam("wanted"),
        or_(payment.c.asked_at.is_(None), payment.c.asked_at <= bindparam("not_since")),
    )
    .values(asked_at=bindparam("at"))
    .returning(payment.c.student_id, payment.c.state)
)
CLAIM = claim_due(
    order_poll,
    order_poll.c.state == literal_column("'open'"),
    order_poll.c.student_id,
    order_poll.c.since,
)

_new = insert(order_poll).values(
    id=bindparam("about"),
    student_id=bindparam("student"),
    since=bindparam("moved"),
    due_at=bindparam("due"),
)
ENQUEUE = prepare(
    _new.on_conflict_do_update(
        index_elements=[order_poll.c.id],
        set_={
            "since": _new.excluded.since,
            "due_at": _new.excluded.due_at,
            "state": literal_column("'open'"),
            "lease_until": null(),
            "generation": order_poll.c.generation + 1,
            "attempts": literal_column("0"),
            "why": null(),
        },
    ).returning(ONE)
)
CANCEL = delete_any(order_poll)
CHANGE = change_held(order_poll, "since")
COMPLETE = delete_held(order_poll)


@dataclass(frozen=True, slots=True)
class PostgresOrderPolls:
    database: Database

    async def may_ask(
        self, payment: PaymentId, at: datetime, *, not_since: datetime
    ) -> PolledPayment | None:
        rows = await self.database.fetch(MAY_ASK, wanted=payment, at=at, not_since=not_since)
        if not rows:
            return None
        return PolledPayment(StudentId(rows[0]["student_id"]), State(rows[0]["state"]))

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OrderPoll]:
        rows = await claimed(self.database, CLAIM, at, lease=lease, at_most=at_most)
        return [
            OrderPoll(
                payment=PaymentId(row["id"]),
                student=StudentId(row["student_id"]),
                since=row["since"],
                attempts=row["attempts"],
                generation=row["generation"],
            )
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class PostgresOrderPollWrites:
    writes: list[Write]

    def enqueue(
        self, payment: PaymentId, student: StudentId, *, since: datetime, due_at: datetime
    ) -> None:
        values = {"about": payment, "student": student, "moved": since, "due": due_at}
        self.writes.append(Write(ENQUEUE, values))

    def cancel(self, payment: PaymentId) -> None:
        self.writes.append(Write(CANCEL, named({"id": payment})))

    def complete(self, entry: OrderPoll, at: datetime) -> None:  # noqa: ARG002 - no row is left to say when
        self.writes.append(held_write(COMPLETE, {"id": entry.payment}, entry))

    def reschedule(self, entry: OrderPoll, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, "open", due=due_at, why=why)

    def bury(self, entry: OrderPoll, at: datetime, *, why: str) -> None:
        self._change(entry, "dead", due=at, why=why)

    def _change(self, entry: OrderPoll, to: str, *, due: datetime, why: str) -> None:
        key, carried = {"id": entry.payment}, {"since": entry.since}
        self.writes.append(held_write(CHANGE, key, entry, to=to, due=due, why=why, carried=carried))
