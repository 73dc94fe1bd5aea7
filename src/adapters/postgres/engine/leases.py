"""Working through a table of things to do: what is due is claimed under a lease, and its newest holder closes it."""

from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, literal, null, or_, select, update

from adapters.postgres.engine.statements import Prepared, prepare

WHY_MAX = 200


def claim_due(table: Table, open_rows: ColumnElement[bool], *told: Any) -> Prepared:
    """
    Return the statement that leases what is due among *open_rows* and returns *told* of each row.

    Oldest due first, at most ``at_most``; a lease that has run out ``at`` counts for nothing, and
    what another is claiming this moment is left to it. Each claim is a new generation of its row.
    """
    due = (
        select(table.c.id)
        .where(
            open_rows,
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
        .where(table.c.id == due.c.id)
        .values(
            lease_until=bindparam("until"),
            generation=table.c.generation + 1,
            attempts=table.c.attempts + 1,
        )
        .returning(*told)
    )


def close_held(table: Table) -> Prepared:
    """Return the statement that closes or puts back a row, if *held* is still its generation."""
    return prepare(
        update(table)
        .where(table.c.id == bindparam("claimed"), table.c.generation == bindparam("held"))
        .values(
            state=bindparam("to"),
            due_at=bindparam("due"),
            closed_at=bindparam("closed"),
            why=bindparam("reason"),
            lease_until=null(),
        )
        .returning(literal(1))
    )


def shortened(why: str | None) -> str | None:
    """Return *why* as long as its column takes it, None for none."""
    return why[:WHY_MAX] if why else None
