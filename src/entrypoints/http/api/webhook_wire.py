"""Requests and answers about the platform's webhook endpoints."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

import msgspec
from msgspec import Meta

from application.webhooks.manage_endpoints import EndpointWithSecret, TestedEndpoint
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import (
    DESCRIPTION_MAX,
    URL_MAX,
    WHY_MAX,
    EndpointState,
    PlatformEndpoint,
)
from domain.webhooks.webhook_event import PayloadVersion
from ports.webhooks.webhook_deliveries import DeliveryState, LoggedDelivery

Instant = Annotated[datetime, Meta(tz=True, examples=["2026-08-03T18:00:00+05:30"])]
Url = Annotated[str, Meta(max_length=URL_MAX, examples=["https://platform.example/webhooks/shulk"])]


class EndpointAdded(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`types` are those that it is told; empty: all, those of later releases too."""

    url: Url
    types: Sequence[WebhookEventType] = ()
    description: Annotated[str, Meta(max_length=DESCRIPTION_MAX)] = ""


class EndpointDisabled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`why` is shown beside it."""

    why: Annotated[str, Meta(min_length=1, max_length=WHY_MAX)]


class DeliveriesReplayed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Facts from `since` until before `until`, instants with their offset, at most 30 days apart."""

    since: Instant
    until: Instant


class EndpointView(msgspec.Struct, frozen=True, kw_only=True):
    """
    `types` is empty where it is told all. `version` is that of its payloads. `failing_since` is null while it
    answers; `why` is why it is disabled. Until `previous_secret_until` each message is signed by two secrets.
    """

    id: str
    url: str
    description: str
    types: Sequence[WebhookEventType]
    version: PayloadVersion
    state: EndpointState
    added_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    why: str
    previous_secret_until: datetime | None

    @classmethod
    def of(cls, endpoint: PlatformEndpoint) -> Self:
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            description=endpoint.description,
            types=sorted(endpoint.types),
            version=endpoint.payload,
            state=endpoint.state,
            added_at=endpoint.added_at,
            failing_since=endpoint.failing_since,
            disabled_at=endpoint.disabled_at,
            why=endpoint.why,
            previous_secret_until=endpoint.previous_until,
        )


class EndpointSecretView(msgspec.Struct, frozen=True, kw_only=True):
    """The `secret` is shown by this answer alone."""

    endpoint: EndpointView
    secret: str

    @classmethod
    def of(cls, shown: EndpointWithSecret) -> Self:
        return cls(endpoint=EndpointView.of(shown.endpoint), secret=shown.secret)


class EndpointsView(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest comes first."""

    items: Sequence[EndpointView]


class TestView(msgspec.Struct, frozen=True, kw_only=True):
    """`why` it was not `taken`, empty when it was."""

    event_id: str
    taken: bool
    took_ms: int
    why: str

    @classmethod
    def of(cls, tested: TestedEndpoint) -> Self:
        return cls(
            event_id=tested.event_id, taken=tested.taken, took_ms=tested.took_ms, why=tested.why
        )


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """How many are sent again."""

    deliveries: int


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """
    `state` is `new` until it is taken, `done`, or `dead` after the last attempt. `due_at` is when it is tried
    next, or was tried last. `event_id` is the `webhook-id` of every attempt.
    """

    id: int
    event_id: str
    type: WebhookEventType
    occurred_at: datetime
    state: DeliveryState
    attempts: int
    due_at: datetime
    took_ms: int | None
    why: str

    @classmethod
    def of(cls, logged: LoggedDelivery) -> Self:
        return cls(
            id=logged.id,
            event_id=logged.event_id,
            type=logged.event.type,
            occurred_at=logged.event.at,
            state=logged.state,
            attempts=logged.attempts,
            due_at=logged.due_at,
            took_ms=logged.took_ms,
            why=logged.why,
        )


class DeliveriesView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest comes first; `before` asks for the next page, null on the last."""

    items: Sequence[DeliveryView]
    before: int | None


ENDPOINT: Final[dict[str, Any]] = {
    "id": "WEABCDEFGH234567JKLM",
    "url": "https://platform.example/webhooks/shulk",
    "description": "The platform",
    "types": ["payment.succeeded", "enrolment.started", "enrolment.ended"],
    "version": "2026-11-30",
    "state": "enabled",
    "added_at": "2026-11-30T06:30:00Z",
    "failing_since": None,
    "disabled_at": None,
    "why": "",
    "previous_secret_until": None,
}
WITH_SECRET: Final[dict[str, Any]] = {
    "endpoint": ENDPOINT,
    "secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
}
TESTED: Final[dict[str, Any]] = {
    "event_id": "evt_37jonthcrmwhr7rhuyliqeqyma",
    "taken": True,
    "took_ms": 87,
    "why": "",
}
DELIVERY: Final[dict[str, Any]] = {
    "id": 41,
    "event_id": "evt_37jonthcrmwhr7rhuyliqeqyma",
    "type": "payment.succeeded",
    "occurred_at": "2026-11-30T06:30:00Z",
    "state": "new",
    "attempts": 2,
    "due_at": "2026-11-30T06:36:00Z",
    "took_ms": 15000,
    "why": "the endpoint answered 500",
}
ADDED: Final[dict[str, Any]] = {
    "url": ENDPOINT["url"],
    "types": ENDPOINT["types"],
    "description": "The platform",
}
DISABLED: Final = {"why": "The platform moves to another host this evening."}
REPLAYED: Final = {"since": "2026-11-29T00:00:00+05:30", "until": "2026-11-30T00:00:00+05:30"}
