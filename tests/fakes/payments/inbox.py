"""The inbox in memory: an event is stored once, claimed under a lease, dealt with by its newest holder."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from fakes.store import Change, InboxRow, Store
from fakes.work_queue import change_held, claim_due
from ports.payments.gateway_messages import GatewayEvent
from ports.payments.inbox import EntryState, InboxEntry, RefusedWebhook, RefusedWebhookCursor

WAITING: Final = frozenset({EntryState.NEW, EntryState.DEFERRED})


@dataclass(frozen=True, slots=True)
class MemoryInbox:
    store: Store

    async def enqueue(self, event: GatewayEvent, at: datetime) -> EntryState:
        await asyncio.sleep(0)
        inbox = self.store.inbox
        for number, row in inbox.items():
            if (row.event.id, row.event.body_sha256) == (event.id, event.body_sha256):
                copied = replace(row, copies=row.copies + 1, dismissed_at=None)
                if row.state != EntryState.APPLIED:
                    copied = replace(copied, state=EntryState.NEW, due_at=at)
                inbox[number] = copied
                return EntryState(copied.state)
        inbox[max(inbox, default=0) + 1] = InboxRow(event=event, received_at=at, due_at=at)
        return EntryState.NEW

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[InboxEntry]:
        await asyncio.sleep(0)
        due = claim_due(self.store.inbox, WAITING, at, lease=lease, at_most=at_most)
        return [self._entry(number, row) for number, row in due]

    def _entry(self, number: int, row: InboxRow) -> InboxEntry:
        payment = self.store.payments.get(PaymentId(row.event.order))
        return InboxEntry(
            id=number,
            order=row.event.order,
            only_sale=row.event.only_sale,
            attempts=row.attempts,
            generation=row.generation,
            received_at=row.received_at,
            payment_state=payment.state if payment else None,
            student=payment.student.id if payment else None,
        )

    async def refused(
        self,
        *,
        at_most: int,
        ids: Collection[int] | None = None,
        after: RefusedWebhookCursor | None = None,
    ) -> Sequence[RefusedWebhook]:
        await asyncio.sleep(0)
        found = [
            _to_refused(number, row)
            for number, row in self.store.inbox.items()
            if row.is_refused and (ids is None or number in ids)
        ]
        in_order = sorted(found, key=lambda each: (each.since, each.id))
        if after is not None:
            last = (after.since, after.id)
            in_order = [each for each in in_order if (each.since, each.id) > last]
        return in_order[:at_most]


@dataclass(frozen=True, slots=True)
class MemoryInboxWrites:
    changes: list[Change]

    def dismiss_webhook(self, webhook: int, at: datetime) -> None:
        def change(store: Store) -> None:
            row = store.inbox.get(webhook)
            if row is None or not row.is_refused:
                raise ChangedMeanwhile("a refused webhook")
            store.inbox[webhook] = replace(row, dismissed_at=at)

        self.changes.append(change)

    def complete(self, entry: InboxEntry, at: datetime) -> None:
        self._change(entry, EntryState.APPLIED, due_at=at, closed_at=at)

    def reschedule(self, entry: InboxEntry, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, EntryState.DEFERRED, due_at=due_at, why=why)

    def bury(self, entry: InboxEntry, at: datetime, *, why: str) -> None:
        self._change(entry, EntryState.REFUSED, due_at=at, closed_at=at, why=why)

    def _change(
        self,
        entry: InboxEntry,
        state: EntryState,
        *,
        due_at: datetime,
        closed_at: datetime | None = None,
        why: str = "",
    ) -> None:
        values = {"state": state, "due_at": due_at, "closed_at": closed_at, "why": why or None}
        self.changes.append(change_held(lambda store: store.inbox, entry.id, entry, **values))


def _to_refused(number: int, row: InboxRow) -> RefusedWebhook:
    assert row.closed_at is not None
    return RefusedWebhook(
        id=number,
        event=row.event.name,
        order=row.event.order,
        status=row.event.status,
        copies=row.copies,
        received_at=row.received_at,
        since=row.closed_at,
        why=row.why or "",
    )
