"""Endpoints of a made-up platform, and events to tell them."""

from dataclasses import replace
from typing import Any, Final

from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId, PlatformEndpoint
from domain.webhooks.webhook_event import WebhookEvent
from fakes.clock import NOON
from fakes.samples import payment_id

ENDPOINT: Final = PlatformEndpoint(
    id=EndpointId("WEAAAAAAAAAAAAAAAAAA"),
    url="https://platform.example/hooks",
    types=frozenset(),
    secret="k1:secret",
    added_at=NOON,
)


def an_endpoint(letter: str = "A", **values: Any) -> PlatformEndpoint:
    return replace(ENDPOINT, id=EndpointId("WE" + letter * 18), **values)


def an_event(number: int = 1, **values: Any) -> WebhookEvent:
    payment = payment_id(number)
    event = WebhookEvent(
        type=WebhookEventType.PAYMENT_SUCCEEDED,
        payment=payment,
        subject=payment,
        sequence=2,
        at=NOON,
        data={"transaction_id": payment, "status": "success"},
    )
    return replace(event, **values)
