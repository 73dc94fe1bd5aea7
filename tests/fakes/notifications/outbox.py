"""The outbox in memory: one entry per fact, claimed under a lease, dealt with by its newest holder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.errors import ChangedMeanwhile, NotFound
from domain.identifiers import PaymentId
from fakes.store import Change, OutboxRow, Store
from fakes.work_queue import change_held, claim_due
from ports.notifications.outbox import DeadLetter, DeadLetterCursor, OutboxEntry, OutboxTask


@dataclass(frozen=True, slots=True)
class MemoryOutbox:
    store: Store

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[OutboxEntry]:
        await asyncio.sleep(0)
        due = claim_due(self.store.outbox, {"new"}, at, lease=lease, at_most=at_most)
        return [
            OutboxEntry(
                id=number,
                task=row.task,
                payment=row.payment,
                subject=row.subject,
                attempts=row.attempts,
                generation=row.generation,
            )
            for number, row in due
        ]

    async def dead_letters(
        self,
        *,
        at_most: int,
        task: OutboxTask | None = None,
        payment: PaymentId | None = None,
        after: DeadLetterCursor | None = None,
    ) -> Sequence[DeadLetter]:
        await asyncio.sleep(0)
        found = [
            _to_dead_letter(number, row)
            for number, row in self.store.outbox.items()
            if row.state == "dead"
            and (task is None or row.task is task)
            and (payment is None or row.payment == payment)
        ]
        in_order = sorted(found, key=lambda letter: (letter.since, letter.id))
        if after is not None:
            last = (after.since, after.id)
            in_order = [letter for letter in in_order if (letter.since, letter.id) > last]
        return in_order[:at_most]

    async def dead_letter(self, letter: int) -> DeadLetter:
        await asyncio.sleep(0)
        row = self.store.outbox.get(letter)
        if row is None or row.state != "dead":
            raise NotFound("dead letter", str(letter))
        return _to_dead_letter(letter, row)


@dataclass(frozen=True, slots=True)
class MemoryOutboxWrites:
    changes: list[Change]

    def enqueue(
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
                store.outbox[max(store.outbox, default=0) + 1] = new

        self.changes.append(change)

    def requeue(
        self, task: OutboxTask, payment: PaymentId, at: datetime, *, subject: str | None = None
    ) -> None:
        new = OutboxRow(task=task, payment=payment, subject=subject or payment, due_at=at)

        def change(store: Store) -> None:
            place = _place(store, new)
            if place is None:
                store.outbox[max(store.outbox, default=0) + 1] = new
                return
            known = store.outbox[place]
            if known.state != "new" or known.lease_until is not None:
                store.outbox[place] = replace(new, generation=known.generation + 1)

        self.changes.append(change)

    def complete(self, entry: OutboxEntry, at: datetime) -> None:
        self._change(entry, "done", due_at=at, closed_at=at)

    def reschedule(self, entry: OutboxEntry, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, "new", due_at=due_at, why=why)

    def bury(self, entry: OutboxEntry, at: datetime, *, why: str) -> None:
        self._change(entry, "dead", due_at=at, closed_at=at, why=why)

    def requeue_dead_letter(self, letter: int, at: datetime) -> None:
        self._change_dead(letter, state="new", attempts=0, due_at=at, closed_at=None, why=None)

    def cancel(self, letter: int, at: datetime, *, why: str) -> None:
        self._change_dead(letter, state="done", closed_at=at, why=why)

    def _change(
        self,
        entry: OutboxEntry,
        state: str,
        *,
        due_at: datetime,
        closed_at: datetime | None = None,
        why: str = "",
    ) -> None:
        values = {
            "state": state,
            "due_at": due_at,
            "closed_at": closed_at,
            "why": why or None,
            "text_sha256": entry.text_sha256,
        }
        self.changes.append(change_held(lambda store: store.outbox, entry.id, entry, **values))

    def _change_dead(self, letter: int, **values: Any) -> None:
        def change(store: Store) -> None:
            row = store.outbox.get(letter)
            if row is None or row.state != "dead":
                raise ChangedMeanwhile("a dead letter")
            store.outbox[letter] = replace(row, generation=row.generation + 1, **values)

        self.changes.append(change)


def _to_dead_letter(number: int, row: OutboxRow) -> DeadLetter:
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
