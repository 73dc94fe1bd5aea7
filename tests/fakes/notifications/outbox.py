"""The outbox in memory: claimed under a lease, closed only by the newest holder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from fakes.store import Change, OutboxRow, Store
from ports.notifications.outbox import DeadLetter, OutboxEntry, OutboxTask


@dataclass(frozen=True, slots=True)
class MemoryOutbox:
    store: Store

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OutboxEntry]:
        await asyncio.sleep(0)
        due = [
            (number, row)
            for number, row in self.store.outbox.items()
            if row.state == "new"
            and row.due_at <= at
            and (row.lease_until is None or row.lease_until <= at)
        ]
        due.sort(key=lambda found: (found[1].due_at, found[0]))
        lines = [self._claimed(number, row, at + lease) for number, row in due[:at_most]]
        return sorted(lines, key=lambda line: line.id)

    async def done(self, line: OutboxEntry, at: datetime) -> None:
        await self._close(line, "done", due=at, closed=at)

    async def later(self, line: OutboxEntry, *, due_at: datetime, why: str) -> None:
        await self._close(line, "new", due=due_at, why=why)

    async def park(self, line: OutboxEntry, at: datetime, *, why: str) -> None:
        await self._close(line, "parked", due=at, closed=at, why=why)

    async def parked(self, *, at_most: int) -> Sequence[DeadLetter]:
        await asyncio.sleep(0)
        found = [
            _to_parked(number, row)
            for number, row in self.store.outbox.items()
            if row.state == "parked"
        ]
        return sorted(found, key=lambda line: (line.since, line.id))[:at_most]

    async def parked_line(self, line: int) -> DeadLetter:
        await asyncio.sleep(0)
        row = self.store.outbox.get(line)
        if row is None or row.state != "parked":
            raise NotFound("errand that was given up", str(line))
        return _to_parked(line, row)

    def _claimed(self, number: int, row: OutboxRow, until: datetime) -> OutboxEntry:
        held = replace(
            row, lease_until=until, generation=row.generation + 1, attempts=row.attempts + 1
        )
        self.store.outbox[number] = held
        return OutboxEntry(
            id=number,
            task=row.task,
            payment=row.payment,
            subject=row.subject,
            attempts=held.attempts,
            generation=held.generation,
        )

    async def _close(
        self,
        line: OutboxEntry,
        state: str,
        *,
        due: datetime,
        closed: datetime | None = None,
        why: str | None = None,
    ) -> None:
        await asyncio.sleep(0)
        row = self.store.outbox[line.id]
        if row.generation == line.generation:
            self.store.outbox[line.id] = replace(
                row, state=state, due_at=due, closed_at=closed, why=why, lease_until=None
            )


@dataclass(frozen=True, slots=True)
class MemoryOutboxWrites:
    changes: list[Change]

    def add(
        self,
        task: OutboxTask,
        payment: PaymentId,
        at: datetime,
        *,
        subject: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        new = OutboxRow(task=task, payment=payment, subject=subject or payment, due_at=due_at or at)

        def change(store: Store) -> None:
            if _place(store, new) is None:
                store.outbox[len(store.outbox) + 1] = new

        self.changes.append(change)

    def again(
        self, task: OutboxTask, payment: PaymentId, at: datetime, *, subject: str | None = None
    ) -> None:
        new = OutboxRow(task=task, payment=payment, subject=subject or payment, due_at=at)

        def change(store: Store) -> None:
            place = _place(store, new)
            if place is None:
                store.outbox[len(store.outbox) + 1] = new
                return
            known = store.outbox[place]
            if known.state != "new" or known.lease_until is not None:
                store.outbox[place] = replace(new, generation=known.generation + 1)

        self.changes.append(change)

    def reopen(self, line: int, at: datetime) -> None:
        self._from_parked(line, state="new", attempts=0, due_at=at, closed_at=None, why=None)

    def close(self, line: int, at: datetime, *, why: str) -> None:
        self._from_parked(line, state="done", closed_at=at, why=why)

    def _from_parked(self, line: int, **values: Any) -> None:
        def change(store: Store) -> None:
            row = store.outbox.get(line)
            if row is None or row.state != "parked":
                raise ChangedMeanwhile("errand")
            store.outbox[line] = replace(row, generation=row.generation + 1, **values)

        self.changes.append(change)


def _to_parked(number: int, row: OutboxRow) -> DeadLetter:
    assert row.closed_at is not None
    return DeadLetter(
        id=number,
        task=row.task,
        payment=row.payment,
        subject=row.subject,
        attempts=row.attempts,
        since=row.closed_at,
        why=row.why or "",
    )


def _place(store: Store, new: OutboxRow) -> int | None:
    fact = (new.task, new.payment, new.subject)
    known = ((row.task, row.payment, row.subject) for row in store.outbox.values())
    places = dict(zip(known, store.outbox, strict=True))
    return places.get(fact)
