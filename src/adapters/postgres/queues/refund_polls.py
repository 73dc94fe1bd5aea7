"""Refund polls in rows of their own: claiming one changes no refund and no payment's version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal_column, select
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
from adapters.postgres.queues.tables import refund_poll
from domain.identifiers import PaymentId, RefundId, StudentId
from ports.refunds.refund_polls import RefundPoll

ENQUEUE = prepare(
    insert(refund_poll)
    .values(
        payment_id=bindparam("of_payment"),
        refund_id=bindparam("of_refund"),
        watched_since=bindparam("at"),
        due_at=bindparam("due"),
    )
    .on_conflict_do_nothing(constraint="refund_watch_pkey")
    .returning(ONE)
)
_STUDENT = (
    select(payment.c.student_id).where(payment.c.id == refund_poll.c.payment_id).scalar_subquery()
)
CLAIM = claim_due(
    refund_poll,
    refund_poll.c.state == literal_column("'open'"),
    refund_poll.c.watched_since,
    _STUDENT.label("student_id"),
)
CANCEL = delete_any(refund_poll)
CHANGE = change_held(refund_poll)
COMPLETE = delete_held(refund_poll)


@dataclass(frozen=True, slots=True)
class PostgresRefundPolls:
    database: Database

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[RefundPoll]:
        rows = await claimed(self.database, CLAIM, at, lease=lease, at_most=at_most)
        return [
            RefundPoll(
                payment=PaymentId(row["payment_id"]),
                refund=RefundId(row["refund_id"]),
                student=StudentId(row["student_id"]),
                attempts=row["attempts"],
                generation=row["generation"],
                since=row["watched_since"],
            )
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class PostgresRefundPollWrites:
    writes: list[Write]

    def enqueue(
        self, payment: PaymentId, refund: RefundId, *, since: datetime, due_at: datetime
    ) -> None:
        values = {"of_payment": payment, "of_refund": refund, "at": since, "due": due_at}
        self.writes.append(Write(ENQUEUE, values))

    def cancel(self, payment: PaymentId, refund: RefundId) -> None:
        self.writes.append(Write(CANCEL, named(_key(payment, refund))))

    def complete(self, entry: RefundPoll, at: datetime) -> None:  # noqa: ARG002 - no row is left to say when
        key = _key(entry.payment, entry.refund)
        self.writes.append(held_write(COMPLETE, key, entry))

    def reschedule(self, entry: RefundPoll, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, "open", due=due_at, why=why)

    def bury(self, entry: RefundPoll, at: datetime, *, why: str) -> None:
        self._change(entry, "dead", due=at, why=why)

    def _change(self, entry: RefundPoll, to: str, *, due: datetime, why: str) -> None:
        key = _key(entry.payment, entry.refund)
        self.writes.append(held_write(CHANGE, key, entry, to=to, due=due, why=why))


def _key(payment: PaymentId, refund: RefundId) -> dict[str, object]:
    return {"payment_id": payment, "refund_id": refund}
