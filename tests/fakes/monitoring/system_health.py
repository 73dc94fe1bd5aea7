"""The queues and the jobs of the store in memory."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.webhooks.platform_endpoint import EndpointState
from fakes.store import QueueRow, Store
from ports.monitoring.system_health import COUNTED_MAX, QueueHealth, SystemReading


@dataclass(frozen=True, slots=True)
class MemorySystemHealth:
    store: Store

    async def read(self, at: datetime, jobs: Sequence[str]) -> SystemReading:
        await asyncio.sleep(0)
        store = self.store
        return SystemReading(
            queues=[
                replace(
                    _queue("inbox", store.inbox.values(), {"new", "deferred"}, at),
                    dead=sum(row.is_refused for row in store.inbox.values()),
                ),
                _queue("outbox", store.outbox.values(), {"new"}, at, tells_dead=True),
                _queue("order_polls", store.order_polls.values(), {"open"}, at),
                _queue("refund_polls", store.refund_polls.values(), {"open"}, at),
                _queue("webhook_deliveries", _in_use(store, at), {"new"}, at),
            ],
            last_runs={
                job: max(slots)
                for job in jobs
                if (slots := [slot for name, slot in store.job_runs if name == job])
            },
            unsealed_since=next((each.at for each in store.audit[_sealed(store) :]), None),
            differing=min(len(store.differences), COUNTED_MAX),
        )


def _in_use(store: Store, at: datetime) -> Iterable[QueueRow]:
    """Return the deliveries whose endpoint is called: neither out of use nor paused."""
    called = {
        each.id
        for each in store.webhook_endpoints.values()
        if each.state is EndpointState.ENABLED
        and (each.paused_until is None or each.paused_until <= at)
    }
    return [row for row in store.webhook_deliveries.values() if row.endpoint in called]


def _sealed(store: Store) -> int:
    return store.seals[-1][0].position.entry if store.seals else 0


def _queue(
    name: str,
    rows: Iterable[QueueRow],
    waiting: set[str],
    at: datetime,
    *,
    tells_dead: bool = False,
) -> QueueHealth:
    rows = list(rows)
    due = [
        row.due_at
        for row in rows
        if row.state in waiting
        and row.due_at <= at
        and (row.lease_until is None or row.lease_until < at)
    ]
    dead = sum(row.state == "dead" for row in rows) if tells_dead else 0
    return QueueHealth(
        name=name,
        due=min(len(due), COUNTED_MAX),
        oldest_due_at=min(due, default=None),
        dead=dead,
    )
