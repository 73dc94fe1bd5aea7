"""Idempotency records in rows: claimed by one request, completed once, or released without an answer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, false, literal, text, true, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.tables import idempotency
from domain.identifiers import PaymentId
from ports.idempotency import IdempotencyKey

ONE = literal(1)
_new = insert(idempotency).values(
    student_id=bindparam("student"),
    route=bindparam("on_route"),
    key=bindparam("of_key"),
    body_sha256=bindparam("digest"),
    payment_id=bindparam("for_payment"),
    sealed=bindparam("is_completed"),
    locked_until=bindparam("until"),
    created_at=bindparam("at"),
)
CLAIM = prepare(
    _new.on_conflict_do_update(
        constraint="idempotency_pkey",
        set_={
            "payment_id": _new.excluded.payment_id,
            "sealed": _new.excluded.sealed,
            "locked_until": _new.excluded.locked_until,
        },
        where=and_(
            idempotency.c.sealed.is_(false()),
            idempotency.c.locked_until <= bindparam("at"),
            idempotency.c.body_sha256 == _new.excluded.body_sha256,
        ),
    ).returning(ONE)
)
_mine = and_(
    idempotency.c.student_id == bindparam("student"),
    idempotency.c.route == bindparam("on_route"),
    idempotency.c.key == bindparam("of_key"),
    idempotency.c.payment_id == bindparam("for_payment"),
)
COMPLETE = prepare(update(idempotency).where(_mine).values(sealed=true()).returning(ONE))
RELEASE = prepare(
    update(idempotency)
    .where(_mine, idempotency.c.sealed.is_(false()))
    .values(locked_until=bindparam("at"))
    .returning(ONE)
)
FORGET = prepare(
    text("""
        DELETE FROM idempotency WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM idempotency WHERE locked_until < :before
            ORDER BY locked_until LIMIT :at_most FOR UPDATE SKIP LOCKED
        )) RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresIdempotencyRecords:
    database: Database

    async def forget(self, before: datetime, *, at_most: int) -> int:
        return len(await self.database.fetch(FORGET, before=before, at_most=at_most))


@dataclass(frozen=True, slots=True)
class PostgresIdempotency:
    writes: list[Write]

    def claim(
        self,
        key: IdempotencyKey,
        *,
        body_sha256: str,
        payment: PaymentId,
        at: datetime,
        until: datetime,
        completed: bool = False,
    ) -> None:
        values = {
            **_of(key, payment),
            "digest": body_sha256,
            "at": at,
            "until": until,
            "is_completed": completed,
        }
        self.writes.append(Write(CLAIM, values, expects="idempotency key"))

    def complete(self, key: IdempotencyKey, payment: PaymentId) -> None:
        self.writes.append(Write(COMPLETE, _of(key, payment)))

    def release(self, key: IdempotencyKey, payment: PaymentId, at: datetime) -> None:
        self.writes.append(Write(RELEASE, {**_of(key, payment), "at": at}))


def _of(key: IdempotencyKey, payment: PaymentId) -> dict[str, object]:
    return {
        "student": key.student,
        "on_route": key.route,
        "of_key": key.key,
        "for_payment": payment,
    }
