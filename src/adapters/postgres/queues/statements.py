"""The statements of every work queue: claim due entries, and change one only for its newest holder."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    delete,
    literal,
    null,
    or_,
    select,
    update,
)

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Prepared, Write, prepare
from ports.work_queue import ClaimedEntry

WHY_CHARS_MAX: Final = 200
ONE: Final = literal(1)


def claim_due(table: Table, waiting: ColumnElement[bool], *returned: Any) -> Prepared:
    """
    Return the statement that leases the due rows among *waiting* and returns *returned* of each.

    It takes at most ``at_most`` rows, longest due first. A row whose lease has ended is free; a row
    that another statement locks is skipped. Each claim raises the row's generation by one.
    """
    key = table.primary_key.columns
    due = (
        select(*key)
        .where(
            waiting,
            table.c.due_at <= bindparam("at"),
            or_(table.c.lease_until.is_(None), table.c.lease_until <= bindparam("at")),
        )
        .order_by(table.c.due_at)
        .limit(bindparam("at_most"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return prepare(
        update(table)
        .where(*(column == due.c[column.name] for column in key))
        .values(
            lease_until=bindparam("until"),
            generation=table.c.generation + 1,
            attempts=table.c.attempts + 1,
        )
        .returning(table.c.due_at, *key, table.c.attempts, table.c.generation, *returned)
    )


async def claimed(
    database: Database, claim: Prepared, at: datetime, *, lease: timedelta, at_most: int
) -> Sequence[Record]:
    """Return the rows that *claim* leases, longest due first."""
    rows = await database.fetch(claim, at=at, until=at + lease, at_most=at_most)
    # An update returns them in any order. Due time and key come first, and the key is unique.
    return sorted(rows, key=lambda row: tuple(row.values()))


def change_held(table: Table, *carried: str) -> Prepared:
    """
    Return the statement that changes the state of a row, if *held* is still its generation.

    The columns *carried* are written with it. The lease ends.
    """
    values: dict[str, Any] = {
        "state": bindparam("to"),
        "due_at": bindparam("due"),
        "why": bindparam("reason"),
        "lease_until": null(),
        **{name: bindparam(f"new_{name}") for name in carried},
    }
    if "closed_at" in table.c:
        values["closed_at"] = bindparam("closed")
    return prepare(update(table).where(_held(table)).values(**values).returning(ONE))


def delete_held(table: Table) -> Prepared:
    """Return the statement that deletes a row, if *held* is still its generation."""
    return prepare(delete(table).where(_held(table)).returning(ONE))


def delete_any(table: Table) -> Prepared:
    """Return the statement that deletes a row whoever holds it."""
    return prepare(delete(table).where(_same(table)).returning(ONE))


def held_write(
    statement: Prepared,
    key: Mapping[str, object],
    entry: ClaimedEntry,
    *,
    to: str = "",
    due: datetime | None = None,
    closed: datetime | None = None,
    why: str = "",
    carried: Mapping[str, object] | None = None,
) -> Write:
    """Return a write after which the unit ends in ``ChangedMeanwhile`` if the lease of *entry* is lost."""
    values = {
        **named(key),
        "held": entry.generation,
        "to": to,
        "due": due,
        "closed": closed,
        "reason": shortened(why),
        **{f"new_{name}": value for name, value in (carried or {}).items()},
    }
    return Write(statement, values, expects="a claimed entry")


def named(key: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a primary key by the names that the statements give them."""
    return {f"key_{name}": value for name, value in key.items()}


def shortened(why: str) -> str | None:
    """Return *why* cut to the length of its column, None when it is empty."""
    return why[:WHY_CHARS_MAX] or None


def _held(table: Table) -> ColumnElement[bool]:
    return and_(_same(table), table.c.generation == bindparam("held"))


def _same(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))
