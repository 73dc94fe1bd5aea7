"""The outbox in rows: a line is unique per fact, claimed under a lease, closed only by the newest holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal, literal_column, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.leases import claim_due, close_held, shortened
from adapters.postgres.engine.statements import Prepared, Write, prepare
from adapters.postgres.queues.tables import outbox
from domain.errors import NotFound
from domain.identifiers import PaymentId
from ports.notifications.outbox import DeadLetter, OutboxEntry, OutboxTask

_LINE = insert(outbox).values(
    errand=bindparam("kind"),
    payment_id=bindparam("for_payment"),
    subject=bindparam("about"),
    written_at=bindparam("at"),
    due_at=bindparam("due"),
    state=literal_column("'new'"),
)
ADD = prepare(_LINE.on_conflict_do_nothing(constraint="outbox_once").returning(literal(1)))
AGAIN = prepare(
    _LINE.on_conflict_do_update(
        constraint="outbox_once",
        set_={
            "written_at": _LINE.excluded.written_at,
            "due_at": _LINE.excluded.due_at,
            "state": literal_column("'new'"),
            # Whoever holds it may have looked before there was this to do: it is not theirs to close.
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
    outbox.c.id,
    outbox.c.errand,
    outbox.c.payment_id,
    outbox.c.subject,
    outbox.c.attempts,
    outbox.c.generation,
)
CLOSE = close_held(outbox)
IS_PARKED = outbox.c.state == literal_column("'parked'")
_PARKED = select(
    outbox.c.id,
    outbox.c.errand,
    outbox.c.payment_id,
    outbox.c.subject,
    outbox.c.attempts,
    outbox.c.closed_at,
    outbox.c.why,
).where(IS_PARKED)
PARKED = prepare(_PARKED.order_by(outbox.c.closed_at, outbox.c.id).limit(bindparam("at_most")))
PARKED_LINE = prepare(_PARKED.where(outbox.c.id == bindparam("line")))


def _from_parked(**values: ColumnElement[Any]) -> Prepared:
    return prepare(
        update(outbox)
        .where(outbox.c.id == bindparam("line"), IS_PARKED)
        .values(generation=outbox.c.generation + 1, **values)
        .returning(literal(1))
    )


REOPEN = _from_parked(
    state=literal_column("'new'"),
    attempts=literal_column("0"),
    due_at=bindparam("at"),
    closed_at=null(),
    why=null(),
)
CLOSE_PARKED = _from_parked(
    state=literal_column("'done'"), closed_at=bindparam("at"), why=bindparam("reason")
)


@dataclass(frozen=True, slots=True)
class PostgresOutboxWrites:
    writes: list[Write]

    def add(
        self,
        task: OutboxTask,
        payment: PaymentId,
        at: datetime,
        *,
        subject: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        self.writes.append(Write(ADD, _values(task, payment, at, subject, due_at)))

    def again(
        self, task: OutboxTask, payment: PaymentId, at: datetime, *, subject: str | None = None
    ) -> None:
        self.writes.append(Write(AGAIN, _values(task, payment, at, subject)))

    def reopen(self, line: int, at: datetime) -> None:
        self.writes.append(Write(REOPEN, {"line": line, "at": at}, expects="errand"))

    def close(self, line: int, at: datetime, *, why: str) -> None:
        values = {"line": line, "at": at, "reason": shortened(why)}
        self.writes.append(Write(CLOSE_PARKED, values, expects="errand"))


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
        rows = await self.database.fetch(CLAIM, at=at, until=at + lease, at_most=at_most)
        lines = [
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
        return sorted(lines, key=lambda line: line.id)

    async def done(self, line: OutboxEntry, at: datetime) -> None:
        await self._close(line, "done", due=at, closed=at)

    async def later(self, line: OutboxEntry, *, due_at: datetime, why: str) -> None:
        await self._close(line, "new", due=due_at, why=why)

    async def park(self, line: OutboxEntry, at: datetime, *, why: str) -> None:
        await self._close(line, "parked", due=at, closed=at, why=why)

    async def parked(self, *, at_most: int) -> Sequence[DeadLetter]:
        return [_to_parked(row) for row in await self.database.fetch(PARKED, at_most=at_most)]

    async def parked_line(self, line: int) -> DeadLetter:
        rows = await self.database.fetch(PARKED_LINE, line=line)
        if not rows:
            raise NotFound("errand that was given up", str(line))
        return _to_parked(rows[0])

    async def _close(
        self,
        line: OutboxEntry,
        state: str,
        *,
        due: datetime,
        closed: datetime | None = None,
        why: str | None = None,
    ) -> None:
        await self.database.fetch(
            CLOSE,
            claimed=line.id,
            held=line.generation,
            to=state,
            due=due,
            closed=closed,
            reason=shortened(why),
        )


def _to_parked(row: Record) -> DeadLetter:
    return DeadLetter(
        id=row["id"],
        task=OutboxTask(row["errand"]),
        payment=PaymentId(row["payment_id"]),
        subject=row["subject"],
        attempts=row["attempts"],
        since=row["closed_at"],
        why=row["why"] or "",
    )
