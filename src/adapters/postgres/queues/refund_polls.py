"""The refunds to be asked about, in rows of their own: a claim changes no refund and no version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, literal, literal_column, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.tables import payment
from adapters.postgres.queues.tables import refund_watch
from domain.identifiers import PaymentId, RefundId, StudentId
from ports.refunds.refund_polls import RefundPoll

ONE = literal(1)
_watched = refund_watch.c
BEGIN = prepare(
    insert(refund_watch)
    .values(
        payment_id=bindparam("of_payment"),
        refund_id=bindparam("of_refund"),
        watched_since=bindparam("at"),
        due_at=bindparam("due"),
    )
    .on_conflict_do_nothing(constraint="refund_watch_pkey")
    .returning(ONE)
)
_this = and_(
    _watched.payment_id == bindparam("of_payment"), _watched.refund_id == bindparam("of_refund")
)
_held = and_(_this, _watched.generation == bindparam("held"))
END = prepare(delete(refund_watch).where(_this).returning(ONE))
CLOSE = prepare(delete(refund_watch).where(_held).returning(ONE))
AGAIN = prepare(
    update(refund_watch)
    .where(_held)
    .values(due_at=bindparam("due"), lease_until=null())
    .returning(ONE)
)
PARK = prepare(
    update(refund_watch)
    .where(_held)
    .values(state=literal_column("'parked'"), due_at=bindparam("due"), lease_until=null())
    .returning(ONE)
)
_due = (
    select(_watched.payment_id, _watched.refund_id, payment.c.student_id)
    .join(payment, payment.c.id == _watched.payment_id)
    .where(
        _watched.state == literal_column("'open'"),
        _watched.due_at <= bindparam("at"),
        or_(_watched.lease_until.is_(None), _watched.lease_until <= bindparam("at")),
    )
    .order_by(_watched.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True, of=refund_watch)
    .cte("due")
)
CLAIM = prepare(
    update(refund_watch)
    .where(_watched.payment_id == _due.c.payment_id, _watched.refund_id == _due.c.refund_id)
    .values(
        lease_until=bindparam("until"),
        generation=_watched.generation + 1,
        attempts=_watched.attempts + 1,
    )
    .returning(
        _watched.payment_id,
        _watched.refund_id,
        _due.c.student_id,
        _watched.attempts,
        _watched.generation,
        _watched.watched_since,
    )
)


@dataclass(frozen=True, slots=True)
class PostgresRefundPolls:
    database: Database

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[RefundPoll]:
        rows = await self.database.fetch(CLAIM, at=at, until=at + lease, at_most=at_most)
        claims = [
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
        return sorted(claims, key=lambda claim: (claim.since, claim.payment, claim.refund))


@dataclass(frozen=True, slots=True)
class PostgresRefundPollWrites:
    writes: list[Write]

    def begin(
        self, payment: PaymentId, refund: RefundId, at: datetime, *, due_at: datetime
    ) -> None:
        self.writes.append(Write(BEGIN, {**_of(payment, refund), "at": at, "due": due_at}))

    def end(self, payment: PaymentId, refund: RefundId) -> None:
        self.writes.append(Write(END, _of(payment, refund)))

    def again(self, claim: RefundPoll, *, due_at: datetime) -> None:
        values = {**_of(claim.payment, claim.refund), "held": claim.generation, "due": due_at}
        self.writes.append(Write(AGAIN, values, expects="refund claim"))

    def park(self, claim: RefundPoll, at: datetime) -> None:
        values = {**_of(claim.payment, claim.refund), "held": claim.generation, "due": at}
        self.writes.append(Write(PARK, values, expects="refund claim"))

    def close(self, claim: RefundPoll) -> None:
        values = {**_of(claim.payment, claim.refund), "held": claim.generation}
        self.writes.append(Write(CLOSE, values, expects="refund claim"))


def _of(payment: PaymentId, refund: RefundId) -> dict[str, object]:
    return {"of_payment": payment, "of_refund": refund}
