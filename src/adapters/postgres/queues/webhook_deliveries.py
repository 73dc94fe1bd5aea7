"""Deliveries to the platform in rows: written beside the fact, claimed a few for each endpoint."""

# ruff: noqa: S608 - these texts hold only constants of this code

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import ISSUED, Prepared, Write, prepare
from adapters.postgres.queues.statements import change_held, claimed, held_write
from adapters.postgres.queues.tables import webhook_delivery
from domain.identifiers import PaymentId
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId
from domain.webhooks.webhook_event import WebhookEvent
from ports.webhooks.webhook_deliveries import (
    ENDPOINT_AT_ONCE,
    Delivery,
    DeliveryState,
    LoggedDelivery,
)

EVENT: Final = "event_type, payment_id, subject, sequence, occurred_at, data"
# Without an endpoint no event is even unpacked.
_ENQUEUE: Final = """
    INSERT INTO webhook_delivery
        (endpoint_id, event_id, event_type, payment_id, subject, sequence, occurred_at, data, state, due_at)
    SELECT p.id, v.event_id, v.event_type, v.payment_id, v.subject, v.sequence, v.occurred_at, {data},
        'new', CAST(:at AS timestamptz)
    FROM webhook_endpoint p CROSS JOIN jsonb_to_recordset(CAST(:events AS jsonb)) AS v (
        event_id text, event_type text, payment_id text, subject text, sequence integer,
        occurred_at timestamptz, data jsonb)
    WHERE (cardinality(p.event_types) = 0 OR v.event_type = ANY (p.event_types)) AND {is_true}
    ON CONFLICT (endpoint_id, event_id) DO NOTHING RETURNING 1
"""
# What the unit writes is not seen here: the enrolment is as it was before.
_IS_TRUE: Final = f"""
    (v.event_type <> '{WebhookEventType.ENROLMENT_ENDED}' OR EXISTS (
        SELECT FROM enrolment e WHERE e.payment_id = v.payment_id AND e.until IS NULL))
"""
ENQUEUE: Final = prepare(text(_ENQUEUE.format(data="v.data", is_true=_IS_TRUE)))
ENQUEUE_DOCUMENT: Final = prepare(
    text(
        _ENQUEUE.format(
            data=f"v.data || jsonb_build_object('number', (SELECT number FROM {ISSUED}))",
            is_true="true",
        )
    )
)
CLAIM: Final = prepare(
    text(f"""
        WITH due AS MATERIALIZED (
            SELECT d.id FROM webhook_endpoint p CROSS JOIN LATERAL (
                SELECT w.id, w.due_at FROM webhook_delivery w
                WHERE w.endpoint_id = p.id AND w.state = 'new' AND w.due_at <= :at
                    AND (w.lease_until IS NULL OR w.lease_until <= :at)
                ORDER BY w.due_at LIMIT {ENDPOINT_AT_ONCE} FOR UPDATE SKIP LOCKED
            ) d
            WHERE p.state = 'enabled' AND (p.paused_until IS NULL OR p.paused_until <= :at)
            ORDER BY d.due_at LIMIT :at_most
        )
        UPDATE webhook_delivery w
        SET lease_until = :until, generation = w.generation + 1, attempts = w.attempts + 1
        FROM due WHERE w.id = due.id
        RETURNING w.due_at, w.id, w.attempts, w.generation, w.endpoint_id, w.event_id,
            w.event_type, w.payment_id, w.subject, w.sequence, w.occurred_at, w.data
    """)
)
CHANGE: Final = change_held(webhook_delivery, "took_ms")
_ENDED: Final = """
    endpoint_id = :endpoint AND state <> 'new' AND occurred_at >= :since AND occurred_at < :before
"""
REPLAY: Final = prepare(
    text(f"""
        UPDATE webhook_delivery SET state = 'new', due_at = :at, attempts = 0, closed_at = NULL,
            why = NULL, generation = generation + 1
        WHERE {_ENDED} RETURNING 1
    """)
)
ENDED: Final = prepare(text(f"SELECT count(*) AS deliveries FROM webhook_delivery WHERE {_ENDED}"))
LOGGED: Final = f"id, event_id, {EVENT}, state, attempts, due_at, closed_at, took_ms, why"
LOG: Final = prepare(
    text(f"""
        SELECT {LOGGED} FROM webhook_delivery
        WHERE endpoint_id = :endpoint AND (CAST(:before AS bigint) IS NULL OR id < :before)
        ORDER BY id DESC LIMIT :at_most
    """)
)
FORGET: Final = prepare(
    text("""
        DELETE FROM webhook_delivery WHERE id = ANY (ARRAY(
            SELECT id FROM webhook_delivery WHERE occurred_at < :before
            ORDER BY occurred_at LIMIT :at_most FOR UPDATE SKIP LOCKED
        )) RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresDeliveryWrites:
    writes: list[Write]

    def enqueue(self, events: Sequence[WebhookEvent], at: datetime) -> None:
        if events:
            self._enqueue(ENQUEUE, events, at)

    def enqueue_document(self, event: WebhookEvent, at: datetime) -> None:
        self._enqueue(ENQUEUE_DOCUMENT, [event], at)

    def complete(self, entry: Delivery, at: datetime) -> None:
        self._change(entry, DeliveryState.DONE, due=at, closed=at)

    def reschedule(self, entry: Delivery, *, due_at: datetime, why: str = "") -> None:
        self._change(entry, DeliveryState.NEW, due=due_at, why=why)

    def bury(self, entry: Delivery, at: datetime, *, why: str) -> None:
        self._change(entry, DeliveryState.DEAD, due=at, closed=at, why=why)

    def replay(
        self, endpoint: EndpointId, *, since: datetime, until: datetime, at: datetime
    ) -> None:
        values = {"endpoint": endpoint, "since": since, "before": until, "at": at}
        self.writes.append(Write(REPLAY, values))

    def _enqueue(self, statement: Prepared, events: Sequence[WebhookEvent], at: datetime) -> None:
        told = json.dumps([_to_json(each) for each in events])
        self.writes.append(Write(statement, {"events": told, "at": at}))

    def _change(
        self,
        entry: Delivery,
        to: DeliveryState,
        *,
        due: datetime,
        closed: datetime | None = None,
        why: str = "",
    ) -> None:
        took = {"took_ms": entry.took_ms}
        self.writes.append(
            held_write(
                CHANGE,
                {"id": entry.id},
                entry,
                to=to,
                due=due,
                closed=closed,
                why=why,
                carried=took,
            )
        )


@dataclass(frozen=True, slots=True)
class PostgresDeliveries:
    database: Database

    async def claim(self, at: datetime, *, lease: timedelta, at_most: int) -> Sequence[Delivery]:
        rows = await claimed(self.database, CLAIM, at, lease=lease, at_most=at_most)
        return [
            Delivery(
                id=row["id"],
                endpoint=EndpointId(row["endpoint_id"]),
                event_id=row["event_id"],
                event=_to_event(row),
                attempts=row["attempts"],
                generation=row["generation"],
            )
            for row in rows
        ]

    async def log(
        self, endpoint: EndpointId, *, at_most: int, before: int | None = None
    ) -> Sequence[LoggedDelivery]:
        rows = await self.database.fetch(LOG, endpoint=endpoint, at_most=at_most, before=before)
        return [to_logged(row) for row in rows]

    async def ended(self, endpoint: EndpointId, *, since: datetime, until: datetime) -> int:
        rows = await self.database.fetch(ENDED, endpoint=endpoint, since=since, before=until)
        return int(rows[0]["deliveries"])

    async def forget(self, before: datetime, *, at_most: int) -> int:
        return len(await self.database.fetch(FORGET, before=before, at_most=at_most))


def to_logged(row: Record) -> LoggedDelivery:
    """Return the delivery of a row with the columns ``LOGGED``."""
    return LoggedDelivery(
        id=row["id"],
        event_id=row["event_id"],
        event=_to_event(row),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        due_at=row["due_at"],
        closed_at=row["closed_at"],
        took_ms=row["took_ms"],
        why=row["why"] or "",
    )


def _to_json(event: WebhookEvent) -> dict[str, object]:
    return {
        "event_id": event.id,
        "event_type": event.type,
        "payment_id": event.payment,
        "subject": event.subject,
        "sequence": event.sequence,
        "occurred_at": event.at.isoformat(),
        "data": dict(event.data),
    }


def _to_event(row: Record) -> WebhookEvent:
    return WebhookEvent(
        type=WebhookEventType(row["event_type"]),
        payment=PaymentId(row["payment_id"]),
        subject=row["subject"],
        sequence=row["sequence"],
        at=row["occurred_at"],
        data=row["data"],
    )
