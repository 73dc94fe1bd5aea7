"""The inbox in memory: accepted once, claimed under a lease, closed only by the newest holder."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from fakes.store import Change, InboxRow, Store
from ports.payments.gateway_messages import GatewayEvent
from ports.payments.inbox import EntryState, InboxEntry

OPEN: Final = frozenset({EntryState.NEW, EntryState.PARKED})


@dataclass(frozen=True, slots=True)
class MemoryInbox:
    store: Store

    async def accept(self, event: GatewayEvent, at: datetime) -> EntryState:
        await asyncio.sleep(0)
        inbox = self.store.inbox
        for number, row in inbox.items():
            if (row.event.id, row.event.body_sha256) == (event.id, event.body_sha256):
                again = replace(row, copies=row.copies + 1)
                if row.state is not EntryState.APPLIED:
                    again = replace(again, state=EntryState.NEW, due_at=at)
                inbox[number] = again
                return again.state
        inbox[len(inbox) + 1] = InboxRow(event=event, received_at=at, due_at=at)
        return EntryState.NEW

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[InboxEntry]:
        await asyncio.sleep(0)
        due = [
            (number, row)
            for number, row in self.store.inbox.items()
            if row.state in OPEN
            and row.due_at <= at
            and (row.lease_until is None or row.lease_until <= at)
        ]
        due.sort(key=lambda found: (found[1].due_at, found[0]))
        entries = [self._claimed(number, row, at + lease) for number, row in due[:at_most]]
        return sorted(entries, key=lambda entry: (entry.received_at, entry.id))

    def _claimed(self, number: int, row: InboxRow, until: datetime) -> InboxEntry:
        held = replace(
            row, lease_until=until, generation=row.generation + 1, attempts=row.attempts + 1
        )
        self.store.inbox[number] = held
        payment = self.store.payments.get(PaymentId(row.event.order))
        return InboxEntry(
            id=number,
            order=row.event.order,
            only_sale=row.event.only_sale,
            attempts=held.attempts,
            generation=held.generation,
            received_at=row.received_at,
            payment_state=payment.state if payment else None,
            student=payment.student.id if payment else None,
        )


@dataclass(frozen=True, slots=True)
class MemoryInboxClosings:
    changes: list[Change]

    def applied(self, entry: InboxEntry, at: datetime) -> None:
        self._close(entry, EntryState.APPLIED, due=at, closed=at)

    def parked(self, entry: InboxEntry, *, due_at: datetime, why: str) -> None:
        self._close(entry, EntryState.PARKED, due=due_at, why=why)

    def refused(self, entry: InboxEntry, at: datetime, *, why: str) -> None:
        self._close(entry, EntryState.REFUSED, due=at, closed=at, why=why)

    def _close(
        self,
        entry: InboxEntry,
        state: EntryState,
        *,
        due: datetime,
        closed: datetime | None = None,
        why: str | None = None,
    ) -> None:
        def change(store: Store) -> None:
            row = store.inbox.get(entry.id)
            if row is None or row.generation != entry.generation:
                raise ChangedMeanwhile("inbox entry")
            store.inbox[entry.id] = replace(
                row, state=state, due_at=due, closed_at=closed, why=why, lease_until=None
            )

        self.changes.append(change)
