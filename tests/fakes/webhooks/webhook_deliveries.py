"""Deliveries in memory: one for each fact and endpoint, a few of each endpoint at a time."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId, EndpointState
from domain.webhooks.webhook_event import WebhookEvent
from fakes.store import Change, DeliveryRow, Store
from fakes.work_queue import change_held, claim_due
from ports.webhooks.webhook_deliveries import (
    ENDPOINT_AT_ONCE,
    Delivery,
    DeliveryState,
    LoggedDelivery,
)


@dataclass(frozen=True, slots=True)
class MemoryDeliveryWrites:
    changes: list[Change]

    def enqueue(self, events: Sequence[WebhookEvent], at: datetime) -> None:
        self.changes.append(lambda store: _enqueue(store, events, at))

    def enqueue_document(self, event: WebhookEvent, at: datetime) -> None:
        def change(store: Store) -> None:
            number = str(store.documents[-1].document.number)
            numbered = replace(event, data={**event.data, "number": number})
            _enqueue(store, [numbered], at)

        self.changes.append(change)

    def complete(self, entry: Delivery, at: datetime) -> None:
        self._change(entry, state="done", due_at=at, closed_at=at, why=None)

    def reschedule(self, entry: Delivery, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, state="new", due_at=due_at, closed_at=None, why=why or None)

    def bury(self, entry: Delivery, at: datetime, *, why: str) -> None:
        self._change(entry, state="dead", due_at=at, closed_at=at, why=why)

    def replay(
        self, endpoint: EndpointId, *, since: datetime, until: datetime, at: datetime
    ) -> None:
        def change(store: Store) -> None:
            for key in _ended(store, endpoint, since, until):
                row = store.webhook_deliveries[key]
                store.webhook_deliveries[key] = replace(
                    row,
                    state="new",
                    due_at=at,
                    attempts=0,
                    closed_at=None,
                    why=None,
                    generation=row.generation + 1,
                )

        self.changes.append(change)

    def _change(self, entry: Delivery, **values: Any) -> None:
        self.changes.append(
            change_held(
                lambda store: store.webhook_deliveries,
                entry.id,
                entry,
                took_ms=entry.took_ms,
                **values,
            )
        )


@dataclass(frozen=True, slots=True)
class MemoryDeliveries:
    store: Store

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[Delivery]:
        await asyncio.sleep(0)
        called = {
            each.id
            for each in self.store.webhook_endpoints.values()
            if each.state is EndpointState.ENABLED
            and (each.paused_until is None or each.paused_until <= at)
        }
        rows = self.store.webhook_deliveries
        seen: Counter[EndpointId] = Counter()
        some = {}
        for key, row in sorted(rows.items(), key=lambda each: (each[1].due_at, each[0])):
            free = row.lease_until is None or row.lease_until <= at
            if row.endpoint in called and row.state == "new" and row.due_at <= at and free:
                seen[row.endpoint] += 1
                if seen[row.endpoint] <= ENDPOINT_AT_ONCE:
                    some[key] = row
        due = claim_due(some, {"new"}, at, lease=lease, at_most=at_most)
        rows.update(dict(due))
        return [
            Delivery(
                id=key,
                endpoint=row.endpoint,
                event_id=row.event_id,
                event=row.event,
                attempts=row.attempts,
                generation=row.generation,
            )
            for key, row in due
        ]

    async def log(
        self, endpoint: EndpointId, *, at_most: int, before: int | None = None
    ) -> Sequence[LoggedDelivery]:
        await asyncio.sleep(0)
        found = [
            to_logged(key, row)
            for key, row in self.store.webhook_deliveries.items()
            if row.endpoint == endpoint and (before is None or key < before)
        ]
        return sorted(found, key=lambda each: -each.id)[:at_most]

    async def ended(self, endpoint: EndpointId, *, since: datetime, until: datetime) -> int:
        await asyncio.sleep(0)
        return len(_ended(self.store, endpoint, since, until))

    async def forget(self, before: datetime, *, at_most: int) -> int:
        await asyncio.sleep(0)
        rows = self.store.webhook_deliveries
        old = sorted((row.event.at, key) for key, row in rows.items() if row.event.at < before)
        for _, key in old[:at_most]:
            del rows[key]
        return len(old[:at_most])


def to_logged(key: int, row: DeliveryRow) -> LoggedDelivery:
    """Return the delivery as the log shows it."""
    return LoggedDelivery(
        id=key,
        event_id=row.event_id,
        event=row.event,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        closed_at=row.closed_at,
        took_ms=row.took_ms,
        why=row.why or "",
    )


def _enqueue(store: Store, events: Sequence[WebhookEvent], at: datetime) -> None:
    rows = store.webhook_deliveries
    for endpoint in store.webhook_endpoints.values():
        for event in events:
            known = {(row.endpoint, row.event_id) for row in rows.values()}
            is_new = (endpoint.id, event.id) not in known
            if endpoint.wants(event.type) and is_new and _is_true(store, event, at):
                rows[max(rows, default=0) + 1] = DeliveryRow(
                    endpoint=endpoint.id, event_id=event.id, event=event, due_at=at
                )


def _is_true(store: Store, event: WebhookEvent, at: datetime) -> bool:
    """Whether an enrolment that is said to end went on until this unit, which has ended it at *at*."""
    if event.type is not WebhookEventType.ENROLMENT_ENDED:
        return True
    place = store.enrolments.get(event.payment)
    return place is not None and place.until in {None, at}


def _ended(store: Store, endpoint: EndpointId, since: datetime, until: datetime) -> list[int]:
    return [
        key
        for key, row in store.webhook_deliveries.items()
        if row.endpoint == endpoint and row.state != "new" and since <= row.event.at < until
    ]
