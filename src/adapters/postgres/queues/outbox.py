"""The outbox in rows: one entry for each task, payment and subject, claimed with a lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    bindparam,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Prepared, Write, prepare
from adapters.postgres.queues.statements import (
    change_held,
    claim_due,
    claimed,
    held_write,
    shortened,
)
from adapters.postgres.queues.tables import outbox
from domain.errors import NotFound
from domain.identifiers import PaymentId
from ports.notifications.outbox import DeadLetter, DeadLetterCursor, OutboxEntry, OutboxTask

_ENTRY = insert(outbox).values(
    errand=bindparam("kind"),
    payment_id=bindparam("for_payment"),
    subject=bindparam("about"),
    written_at=bindparam("at"),
    due_at=bindparam("due"),
    state=literal_column("'new'"),
)
ENQUEUE = prepare(_ENTRY.on_conflict_do_nothing(constraint="outbox_once").returning(literal(1)))
ENQUEUE_AGAIN = prepare(
    _ENTRY.on_conflict_do_update(
        constraint="outbox_once",
        set_={
            "written_at": _ENTRY.excluded.written_at,
            "due_at": _ENTRY.excluded.due_at,
            "state": literal_column("'new'"),
            # Its holder may have begun before the new work was known, so it loses the lease.
            "generation": outbox.c.generation + 1,
            "lease_until": null(),
            "attempts": literal_column("0"),
            "closed_at": null(),
            "why": null(),
        },
        where=or_(outbox.c.state != literal_column("'new'"), outbox.c.lease_until.is_not(None)),
    ).returning(literal(1))
)
CLAIM = claim_due(
    outbox,
    outbox.c.state == literal_column("'new'"),
    outbox.c.errand,
    outbox.c.payment_id,
    outbox.c.subject,
)
CHANGE = change_held(outbox, "text_sha256")
IS_DEAD = outbox.c.state == literal_column("'dead'")
_DEAD = select(
    outbox.c.id,
    outbox.c.errand,
    outbox.c.payment_id,
    outbox.c.subject,
    outbox.c.attempts,
    outbox.c.closed_at,
    outbox.c.why,
).where(IS_DEAD)
_of_task, _of_payment = bindparam("task", type_=String), bindparam("payment", type_=String)
_since, _last = (
    bindparam("since", type_=outbox.c.closed_at.type),
    bindparam("last", type_=BigInteger),
)
DEAD_LETTERS = prepare(
    _DEAD.where(
        or_(_of_task.is_(None), outbox.c.errand == _of_task),
        or_(_of_payment.is_(None), outbox.c.payment_id == _of_payment),
        or_(_since.is_(None), tuple_(outbox.c.closed_at, outbox.c.id) > tuple_(_since, _last)),
    )
    .order_by(outbox.c.closed_at, outbox.c.id)
    .limit(bindparam("at_most"))
)
DEAD_LETTER = prepare(_DEAD.where(outbox.c.id == bindparam("letter")))


def _change_dead(**values: ColumnElement[Any]) -> Prepared:
    return prepare(
        update(outbox)
        .where(outbox.c.id == bindparam("letter"), IS_DEAD)
        .values(generation=outbox.c.generation + 1, **values)
        .returning(literal(1))
    )


REQUEUE = _change_dead(
    state=literal_column("'new'"),
    attempts=literal_column("0"),
    due_at=bindparam("at"),
    closed_at=null(),
    why=null(),
)
CANCEL = _change_dead(
    state=literal_column("'done'"), closed_at=bindparam("at"), why=bindparam("reason")
)


@dataclass(frozen=True, slots=True)
class PostgresOutboxWrites:
    writes: list[Write]

    def enqueue(
        self,
        task: OutboxTask,
        payment: PaymentId,
        at: datetime,
        *,
        subject: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        self.writes.append(Write(ENQUEUE, _values(task, payment, at, subject, due_at)))

    def requeue(
        self, task: OutboxTask, payment: PaymentId, at: datetime, *, subject: str | None = None
    ) -> None:
        self.writes.append(Write(ENQUEUE_AGAIN, _values(task, payment, at, subject)))

    def complete(self, entry: OutboxEntry, at: datetime) -> None:
        self._change(entry, "done", due=at, closed=at)

    def reschedule(self, entry: OutboxEntry, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, "new", due=due_at, why=why)

    def bury(self, entry: OutboxEntry, at: datetime, *, why: str) -> None:
        self._change(entry, "dead", due=at, closed=at, why=why)

    def requeue_dead_letter(self, letter: int, at: datetime) -> None:
        self.writes.append(Write(REQUEUE, {"letter": letter, "at": at}, expects="a dead letter"))

    def cancel(self, letter: int, at: datetime, *, why: str) -> None:
        values = {"letter": letter, "at": at, "reason": shortened(why)}
        self.writes.append(Write(CANCEL, values, expects="a dead letter"))

    def _change(
        self,
        entry: OutboxEntry,
        to: str,
        *,
        due: datetime,
        closed: datetime | None = None,
        why: str = "",
    ) -> None:
        key = {"id": entry.id}
        carried = {"text_sha256": entry.text_sha256}
        self.writes.append(
            held_write(CHANGE, key, entry, to=to, due=due, closed=closed, why=why, carried=carried)
        )


def _values(
    task: OutboxTask,
    payment: PaymentId,
    at: datetime,
    subject: str | None,
    due_at: datetime | None = None,
) -> dict[str, object]:
    return {
        "kind": task,
        "for_payment": payment,
        "about": subject or payment,
        "at": at,
        "due": due_at or at,
    }


@dataclass(frozen=True, slots=True)
class PostgresOutbox:
    database: Database

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OutboxEntry]:
        rows = await claimed(self.database, CLAIM, at, lease=lease, at_most=at_most)
        return [
            OutboxEntry(
                id=row["id"],
                task=OutboxTask(row["errand"]),
                payment=PaymentId(row["payment_id"]),
                subject=row["subject"],
                attempts=row["attempts"],
                generation=row["generation"],
            )
            for row in rows
        ]

    async def dead_letters(
        self,
        *,
        at_most: int,
        task: OutboxTask | None = None,
        payment: PaymentId | None = None,
        after: DeadLetterCursor | None = None,
    ) -> Sequence[DeadLetter]:
        rows = await self.database.fetch(
            DEAD_LETTERS,
            task=task,
            payment=payment,
            since=after.since if after is not None else None,
            last=after.id if after is not None else None,
            at_most=at_most,
        )
        return [_to_dead_letter(row) for row in rows]

    async def dead_letter(self, letter: int) -> DeadLetter:
        rows = await self.database.fetch(DEAD_LETTER, letter=letter)
        if not rows:
            raise NotFound("dead letter", str(letter))
        return _to_dead_letter(rows[0])


def _to_dead_letter(row: Record) -> DeadLetter:
    return DeadLetter(
        id=row["id"],
        task=OutboxTask(row["errand"]),
        payment=PaymentId(row["payment_id"]),
        subject=row["subject"],
        attempts=row["attempts"],
        since=row["closed_at"],
        why=row["why"] or "",
    )
