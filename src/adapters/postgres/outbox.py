"""The outbox in rows: a line is unique per fact, claimed under a lease, closed only by the newest holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal, literal_column
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.database import Database
from adapters.postgres.leases import claim_due, close_held, shortened
from adapters.postgres.prepared import Write, prepare
from adapters.postgres.tables import outbox
from domain.identifiers import PaymentId
from ports.outbox import Errand, OutboxLine

ADD = prepare(
    insert(outbox)
    .values(
        errand=bindparam("kind"),
        payment_id=bindparam("for_payment"),
        subject=bindparam("about"),
        written_at=bindparam("at"),
        due_at=bindparam("due"),
        state=literal_column("'new'"),
    )
    .on_conflict_do_nothing(constraint="outbox_once")
    .returning(literal(1))
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


@dataclass(frozen=True, slots=True)
class PostgresOutboxWrites:
    writes: list[Write]

    def add(
        self,
        errand: Errand,
        payment: PaymentId,
        at: datetime,
        *,
        subject: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        values = {
            "kind": errand,
            "for_payment": payment,
            "about": subject or payment,
            "at": at,
            "due": due_at or at,
        }
        self.writes.append(Write(ADD, values))


@dataclass(frozen=True, slots=True)
class PostgresOutbox:
    database: Database

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OutboxLine]:
        rows = await self.database.fetch(CLAIM, at=at, until=at + lease, at_most=at_most)
        lines = [
            OutboxLine(
                id=row["id"],
                errand=Errand(row["errand"]),
                payment=PaymentId(row["payment_id"]),
                subject=row["subject"],
                attempts=row["attempts"],
                generation=row["generation"],
            )
            for row in rows
        ]
        return sorted(lines, key=lambda line: line.id)

    async def done(self, line: OutboxLine, at: datetime) -> None:
        await self._close(line, "done", due=at, closed=at)

    async def later(self, line: OutboxLine, *, due_at: datetime, why: str) -> None:
        await self._close(line, "new", due=due_at, why=why)

    async def park(self, line: OutboxLine, at: datetime, *, why: str) -> None:
        await self._close(line, "parked", due=at, closed=at, why=why)

    async def _close(
        self,
        line: OutboxLine,
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
