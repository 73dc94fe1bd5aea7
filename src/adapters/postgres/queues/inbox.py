"""The inbox in rows: a webhook is stored in one round trip and claimed with a lease."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnClause,
    Label,
    Select,
    String,
    and_,
    any_,
    bindparam,
    case,
    func,
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
from adapters.postgres.engine.group_commit import GroupCommit
from adapters.postgres.engine.statements import Prepared, Write, prepare
from adapters.postgres.payments.tables import payment
from adapters.postgres.queues.statements import change_held, claim_due, claimed, held_write
from adapters.postgres.queues.tables import inbox
from domain.identifiers import StudentId
from domain.payments.payment_state import State
from ports.payments.gateway_messages import GatewayEvent
from ports.payments.inbox import EntryState, InboxEntry, RefusedWebhook, RefusedWebhookCursor

WAITING = inbox.c.state.in_([literal_column("'new'"), literal_column("'deferred'")])

PLACES: Final = {
    "event": inbox.c.event_id,
    "digest": inbox.c.body_sha256,
    "name": inbox.c.event_name,
    "order": inbox.c.order_id,
    "word": inbox.c.status,
    "word_id": inbox.c.status_id,
    "of_sale": inbox.c.only_sale,
    "at": inbox.c.received_at,
}
"""Where the parts of a new event are written, by the names of their values."""


def _enqueue(rows: Select[Any]) -> Prepared:
    """Return the statement that stores *rows*, and tells of each in which state it is."""
    new = insert(inbox).from_select([*PLACES.values(), inbox.c.state, inbox.c.due_at], rows)
    applied = inbox.c.state == literal_column("'applied'")
    return prepare(
        new.on_conflict_do_update(
            constraint="inbox_once",
            set_={
                "copies": inbox.c.copies + 1,
                "state": case((applied, inbox.c.state), else_=literal_column("'new'")),
                "due_at": case((applied, inbox.c.due_at), else_=new.excluded.due_at),
                # What comes again is news again, should it be refused again.
                "dismissed_at": null(),
            },
        ).returning(inbox.c.event_id, inbox.c.body_sha256, inbox.c.state)
    )


_IS_NEW: Final[ColumnClause[str]] = literal_column("'new'")
# Without a length: a text that is too long for its column is an error, and not cut by a cast.
_types = {
    name: String() if isinstance(column.type, String) else column.type
    for name, column in PLACES.items()
}
_one = {name: bindparam(name, type_=kind) for name, kind in _types.items()}
_many = (
    func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _types.items()))
    .table_valued(*_types, name="w")
    .render_derived()
)
ENQUEUE = _enqueue(select(*_one.values(), _IS_NEW, _one["at"]))
ENQUEUE_MANY = _enqueue(select(*_many.c, _IS_NEW, _many.c["at"]))


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


def _values(event: GatewayEvent, at: datetime) -> dict[str, object]:
    return {
        "event": event.id,
        "digest": event.body_sha256,
        "name": event.name,
        "order": event.order,
        "word": event.status,
        "word_id": event.status_id,
        "of_sale": event.only_sale,
        "at": at,
    }


def _key(event: GatewayEvent) -> tuple[str, str]:
    """Return what ``inbox_once`` knows an event by."""
    return event.id, event.body_sha256


@dataclass(frozen=True, slots=True)
class PostgresInbox:
    """Events that come while others are stored are stored together, each acknowledged once its own commit is done."""

    database: Database
    _group: GroupCommit[tuple[GatewayEvent, datetime], EntryState] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_group", GroupCommit(self._enqueue_one, self._enqueue_many))

    async def enqueue(self, event: GatewayEvent, at: datetime) -> EntryState:
        return await self._group(_key(event), (event, at))

    async def _enqueue_one(self, row: tuple[GatewayEvent, datetime]) -> EntryState:
        (stored,) = await self.database.fetch(ENQUEUE, **_values(*row))
        return EntryState(stored["state"])

    async def _enqueue_many(
        self, rows: Sequence[tuple[GatewayEvent, datetime]]
    ) -> Sequence[EntryState]:
        # In one order, so that two processes with copies of the same events do not wait for each other.
        values = [_values(*row) for row in sorted(rows, key=lambda row: _key(row[0]))]
        columns = {name: [each[name] for each in values] for name in PLACES}
        stored = await self.database.fetch(ENQUEUE_MANY, **columns)
        states = {(each["event_id"], each["body_sha256"]): each["state"] for each in stored}
        return [EntryState(states[_key(event)]) for event, _ in rows]

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
