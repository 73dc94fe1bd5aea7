"""The endpoints of the platform in rows, written only over the version that was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Write, prepare
from domain.errors import NotFound
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId, EndpointState, PlatformEndpoint
from domain.webhooks.webhook_event import PayloadVersion

ALL: Final = prepare(text("SELECT * FROM webhook_endpoint ORDER BY added_at, id"))
GET: Final = prepare(text("SELECT * FROM webhook_endpoint WHERE id = :id"))
ADD: Final = prepare(
    text("""
        INSERT INTO webhook_endpoint (id, url, description, event_types, payload, state, secret,
            previous_secret, previous_until, added_at, failing_since, paused_until, disabled_at, why, version)
        VALUES (:id, :url, :description, CAST(:event_types AS text[]), :payload, :state, :secret,
            :previous_secret, CAST(:previous_until AS timestamptz), :added_at,
            CAST(:failing_since AS timestamptz), CAST(:paused_until AS timestamptz),
            CAST(:disabled_at AS timestamptz), :why, 1)
        ON CONFLICT DO NOTHING RETURNING 1
    """)
)
SAVE: Final = prepare(
    text("""
        UPDATE webhook_endpoint SET url = :url, description = :description,
            event_types = CAST(:event_types AS text[]), payload = :payload, state = :state,
            secret = :secret, previous_secret = :previous_secret,
            previous_until = CAST(:previous_until AS timestamptz),
            failing_since = CAST(:failing_since AS timestamptz),
            paused_until = CAST(:paused_until AS timestamptz),
            disabled_at = CAST(:disabled_at AS timestamptz), why = :why, version = version + 1
        WHERE id = :id AND version = CAST(:version AS integer) RETURNING 1
    """)
)
REMOVE: Final = prepare(
    text("""
        DELETE FROM webhook_endpoint WHERE id = :id AND version = CAST(:version AS integer) RETURNING 1
    """)
)
FORGET: Final = prepare(text("DELETE FROM webhook_delivery WHERE endpoint_id = :id RETURNING 1"))
GUARDED: Final = "webhook endpoint"


@dataclass(frozen=True, slots=True)
class PostgresEndpointWrites:
    writes: list[Write]

    def save(self, endpoint: PlatformEndpoint) -> None:
        statement = SAVE if endpoint.version else ADD
        self.writes.append(Write(statement, to_columns(endpoint), expects=GUARDED))

    def remove(self, endpoint: PlatformEndpoint) -> None:
        values = {"id": endpoint.id, "version": endpoint.version}
        self.writes.append(Write(REMOVE, values, expects=GUARDED))
        self.writes.append(Write(FORGET, values))


@dataclass(frozen=True, slots=True)
class PostgresEndpoints:
    database: Database

    async def all(self) -> Sequence[PlatformEndpoint]:
        return [to_endpoint(row) for row in await self.database.fetch(ALL)]

    async def get(self, endpoint: EndpointId) -> PlatformEndpoint:
        rows = await self.database.fetch(GET, id=endpoint)
        if not rows:
            raise NotFound("webhook endpoint", endpoint)
        return to_endpoint(rows[0])


def to_columns(endpoint: PlatformEndpoint) -> dict[str, object]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": sorted(endpoint.types),
        "payload": endpoint.payload,
        "state": endpoint.state,
        "secret": endpoint.secret,
        "previous_secret": endpoint.previous_secret,
        "previous_until": endpoint.previous_until,
        "added_at": endpoint.added_at,
        "failing_since": endpoint.failing_since,
        "paused_until": endpoint.paused_until,
        "disabled_at": endpoint.disabled_at,
        "why": endpoint.why,
        "version": endpoint.version,
    }


def to_endpoint(row: Record) -> PlatformEndpoint:
    return PlatformEndpoint(
        id=EndpointId(row["id"]),
        url=row["url"],
        description=row["description"],
        types=frozenset(map(WebhookEventType, row["event_types"])),
        payload=PayloadVersion(row["payload"]),
        state=EndpointState(row["state"]),
        secret=row["secret"],
        previous_secret=row["previous_secret"],
        previous_until=row["previous_until"],
        added_at=row["added_at"],
        failing_since=row["failing_since"],
        paused_until=row["paused_until"],
        disabled_at=row["disabled_at"],
        why=row["why"],
        version=row["version"],
    )
