"""The inbox in rows: a webhook is stored in one round trip and claimed with a lease."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Label,
    and_,
    any_,
    bindparam,
    case,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.payments.tables import payment
from adapters.postgres.queues.statements import change_held, claim_due, claimed, held_write
from adapters.postgres.queues.tables import inbox
from domain.identifiers import StudentId
from domain.payments.payment_state import State
from ports.payments.gateway_messages import GatewayEvent
from ports.payments.inbox import EntryState, InboxEntry, RefusedWebhook, RefusedWebhookCursor

WAITING = inbox.c.state.in_([literal_column("'new'"), literal_column("'deferred'")])

_new = insert(inbox).values(
    event_id=bindparam("event"),
    body_sha256=bindparam("digest"),
    event_name=bindparam("name"),
    order_id=bindparam("order"),
    status=bindparam("word"),
    status_id=bindparam("word_id"),
    only_sale=bindparam("of_sale"),
    received_at=bindparam("at"),
    state=literal_column("'new'"),
    due_at=bindparam("at"),
)
_applied = inbox.c.state == literal_column("'applied'")
ENQUEUE = prepare(
    _new.on_conflict_do_update(
        constraint="inbox_once",
        set_={
            "copies": inbox.c.copies + 1,
            "state": case((_applied, inbox.c.state), else_=literal_column("'new'")),
            "due_at": case((_applied, inbox.c.due_at), else_=_new.excluded.due_at),
            # What comes again is news again, should it be refused again.
            "dismissed_at": null(),
        },
    ).returning(inbox.c.state)
)


def _of_payment(column: str) -> Label[Any]:
    return (
        select(payment.c[column]).where(payment.c.id == inbox.c.order_id).scalar_subquery()
    ).label("payment_" + column)


CLAIM = claim_due(
    inbox,
    WAITING,
    inbox.c.order_id,
    inbox.c.only_sale,
    inbox.c.received_at,
    _of_payment("state"),
    _of_payment("student_id"),
)
CHANGE = change_held(inbox)
IS_REFUSED = and_(inbox.c.state == literal_column("'refused'"), inbox.c.dismissed_at.is_(None))
_ids = bindparam("ids", type_=ARRAY(BigInteger))
_since, _last = (
    bindparam("since", type_=inbox.c.closed_at.type),
    bindparam("last", type_=BigInteger),
)
REFUSED = prepare(
    select(
        inbox.c.id,
        inbox.c.event_name,
        inbox.c.order_id,
        inbox.c.status,
        inbox.c.copies,
        inbox.c.received_at,
        inbox.c.closed_at,
        inbox.c.why,
    )
    .where(
        IS_REFUSED,
        or_(_ids.is_(None), inbox.c.id == any_(_ids)),
        or_(_since.is_(None), tuple_(inbox.c.closed_at, inbox.c.id) > tuple_(_since, _last)),
    )
    .order_by(inbox.c.closed_at, inbox.c.id)
    .limit(bindparam("at_most"))
)
DISMISS = prepare(
    update(inbox)
    .where(inbox.c.id == bindparam("webhook"), IS_REFUSED)
    .values(dismissed_at=bindparam("at"))
    .returning(literal(1))
)


@dataclass(frozen=True, slots=True)
class PostgresInbox:
    database: Database

    async def enqueue(self, event: GatewayEvent, at: datetime) -> EntryState:
        rows = await self.database.fetch(
            ENQUEUE,
            event=event.id,
            digest=event.body_sha256,
            name=event.name,
            order=event.order,
            word=event.status,
            word_id=event.status_id,
            of_sale=event.only_sale,
            at=at,
        )
        return EntryState(rows[0]["state"])

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[InboxEntry]:
        rows = await claimed(self.database, CLAIM, at, lease=lease, at_most=at_most)
        return [
            InboxEntry(
                id=row["id"],
                order=row["order_id"],
                only_sale=row["only_sale"],
                attempts=row["attempts"],
                generation=row["generation"],
                received_at=row["received_at"],
                payment_state=State(row["payment_state"]) if row["payment_state"] else None,
                student=StudentId(row["payment_student_id"]) if row["payment_student_id"] else None,
            )
            for row in rows
        ]

    async def refused(
        self,
        *,
        at_most: int,
        ids: Collection[int] | None = None,
        after: RefusedWebhookCursor | None = None,
    ) -> Sequence[RefusedWebhook]:
        rows = await self.database.fetch(
            REFUSED,
            at_most=at_most,
            ids=None if ids is None else list(ids),
            since=after.since if after is not None else None,
            last=after.id if after is not None else None,
        )
        return [
            RefusedWebhook(
                id=row["id"],
                event=row["event_name"],
                order=row["order_id"],
                status=row["status"],
                copies=row["copies"],
                received_at=row["received_at"],
                since=row["closed_at"],
                why=row["why"] or "",
            )
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class PostgresInboxWrites:
    writes: list[Write]

    def dismiss_webhook(self, webhook: int, at: datetime) -> None:
        values = {"webhook": webhook, "at": at}
        self.writes.append(Write(DISMISS, values, expects="a refused webhook"))

    def complete(self, entry: InboxEntry, at: datetime) -> None:
        self._change(entry, EntryState.APPLIED, due=at, closed=at)

    def reschedule(self, entry: InboxEntry, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, EntryState.DEFERRED, due=due_at, why=why)

    def bury(self, entry: InboxEntry, at: datetime, *, why: str) -> None:
        self._change(entry, EntryState.REFUSED, due=at, closed=at, why=why)

    def _change(
        self,
        entry: InboxEntry,
        to: EntryState,
        *,
        due: datetime,
        closed: datetime | None = None,
        why: str = "",
    ) -> None:
        key = {"id": entry.id}
        self.writes.append(held_write(CHANGE, key, entry, to=to, due=due, closed=closed, why=why))
