"""The platform's webhook endpoints from the command line."""

from collections.abc import Sequence
from datetime import datetime

from application.webhooks.manage_endpoints import (
    EndpointWithSecret,
    ManageEndpoints,
    NewEndpoint,
    TestedEndpoint,
)
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId, PlatformEndpoint
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.webhooks.platform_endpoints import PlatformEndpoints
from ports.webhooks.webhook_deliveries import LoggedDelivery, WebhookDeliveries


def find_endpoints(settings: Settings) -> Sequence[PlatformEndpoint]:
    """Return every endpoint, the oldest first."""

    async def read(container: Shulk) -> Sequence[PlatformEndpoint]:
        endpoints: PlatformEndpoints = container.storage.endpoints()
        return await endpoints.all()

    return run_in_container(settings, read)


def add_endpoint(
    settings: Settings, url: str, types: Sequence[str], description: str
) -> EndpointWithSecret:
    """Return the endpoint and its secret."""
    new = NewEndpoint(
        url=url,
        types=frozenset(map(WebhookEventType, types)),
        description=description,
        origin=BY_COMMAND,
    )

    async def done(container: Shulk) -> EndpointWithSecret:
        return await _manage(container).add(new)

    return run_in_container(settings, done)


def rotate_secret(settings: Settings, endpoint: str) -> EndpointWithSecret:
    """Return the endpoint and its new secret."""

    async def done(container: Shulk) -> EndpointWithSecret:
        return await _manage(container).rotate(EndpointId(endpoint), BY_COMMAND)

    return run_in_container(settings, done)


def disable_endpoint(settings: Settings, endpoint: str, why: str) -> PlatformEndpoint:
    """Return the endpoint, which is not called any more."""

    async def done(container: Shulk) -> PlatformEndpoint:
        return await _manage(container).disable(EndpointId(endpoint), why, BY_COMMAND)

    return run_in_container(settings, done)


def enable_endpoint(settings: Settings, endpoint: str) -> PlatformEndpoint:
    """Return the endpoint, which is called again."""

    async def done(container: Shulk) -> PlatformEndpoint:
        return await _manage(container).enable(EndpointId(endpoint), BY_COMMAND)

    return run_in_container(settings, done)


def test_endpoint(settings: Settings, endpoint: str) -> TestedEndpoint:
    """Return what came of one call to the endpoint."""

    async def done(container: Shulk) -> TestedEndpoint:
        return await _manage(container).test(EndpointId(endpoint), BY_COMMAND)

    return run_in_container(settings, done)


def replay_deliveries(
    settings: Settings, endpoint: str, since: datetime, until: datetime | None
) -> int:
    """Return how many deliveries of that time (UTC; None: until now) are sent again."""

    async def done(container: Shulk) -> int:
        end = until or container.clock().now()
        return await _manage(container).replay(EndpointId(endpoint), since, end, BY_COMMAND)

    return run_in_container(settings, done)


def remove_endpoint(settings: Settings, endpoint: str) -> None:
    """Remove the endpoint with all its deliveries."""

    async def done(container: Shulk) -> None:
        await _manage(container).remove(EndpointId(endpoint), BY_COMMAND)

    run_in_container(settings, done)


def read_deliveries(settings: Settings, endpoint: str, at_most: int) -> Sequence[LoggedDelivery]:
    """Return the newest deliveries to the endpoint."""

    async def read(container: Shulk) -> Sequence[LoggedDelivery]:
        deliveries: WebhookDeliveries = container.storage.deliveries()
        return await deliveries.log(EndpointId(endpoint), at_most=at_most)

    return run_in_container(settings, read)


def _manage(container: Shulk) -> ManageEndpoints:
    manage: ManageEndpoints = container.use_cases().webhooks().manage_endpoints()
    return manage
