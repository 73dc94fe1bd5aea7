"""A work queue in memory: claimed under a lease when due, dealt with by the newest holder only."""

from collections.abc import Callable, Container, Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from domain.errors import ChangedMeanwhile
from fakes.store import Change, QueueRow, Store
from ports.work_queue import ClaimedEntry

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", bound=QueueRow)


def claim_due(
    rows: dict[Key, Row],
    waiting: Container[str],
    at: datetime,
    *,
    lease: timedelta,
    at_most: int,
) -> list[tuple[Key, Row]]:
    """Return what is due of the rows in a *waiting* state, longest due first, leased and counted."""
    found: list[tuple[datetime, Any]] = [
        (row.due_at, key)
        for key, row in rows.items()
        if row.state in waiting
        and row.due_at <= at
        and (row.lease_until is None or row.lease_until <= at)
    ]
    due: list[Key] = [key for _, key in sorted(found)[:at_most]]
    for key in due:
        row = rows[key]
        rows[key] = replace(
            row,
            lease_until=at + lease,
            generation=row.generation + 1,
            attempts=row.attempts + 1,
        )
    return [(key, rows[key]) for key in due]


def change_held(
    rows_of: Callable[[Store], dict[Key, Row]], key: Key, entry: ClaimedEntry, **values: Any
) -> Change:
    """Return the change of a row by its newest holder; the lease ends."""

    def change(store: Store) -> None:
        rows = rows_of(store)
        rows[key] = replace(_held(rows, key, entry), lease_until=None, **values)

    return change


def delete_held(
    rows_of: Callable[[Store], dict[Key, Row]], key: Key, entry: ClaimedEntry
) -> Change:
    """Return the removal of a row by its newest holder."""

    def change(store: Store) -> None:
        rows = rows_of(store)
        _held(rows, key, entry)
        del rows[key]

    return change


def _held(rows: dict[Key, Row], key: Key, entry: ClaimedEntry) -> Row:
    row = rows.get(key)
    if row is None or row.generation != entry.generation:
        raise ChangedMeanwhile("a claimed entry")
    return row
