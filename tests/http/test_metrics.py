"""Requests as Prometheus counts them: by the route's template, whatever is asked for."""

from collections.abc import AsyncIterator
from itertools import product

import pytest
import pytest_asyncio
from litestar.routes import HTTPRoute
from litestar.testing import AsyncTestClient
from litestar.types import ASGIApp
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from entrypoints.http.app import install, new_app
from entrypoints.telemetry.metric_catalogue import OF_REQUESTS
from entrypoints.telemetry.metrics import Metrics
from entrypoints.telemetry.telemetry import Telemetry
from worlds.http import CHECKOUT, Client, HttpWorld

SERIES_MAX = 4000
"""More than what all routes make when each was asked for by its methods; an exposition of less than a megabyte."""


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest_asyncio.fixture
async def counted(world: HttpWorld, registry: CollectorRegistry) -> AsyncIterator[Client]:
    """A client of an application that counts in *registry*."""
    wiring = world.wiring()
    app = new_app(world.settings, Telemetry(Metrics(registry)))
    install(world.dependencies(wiring), app)
    try:
        served: ASGIApp = app
        async with AsyncTestClient(
            served, base_url=world.settings.public_url, raise_server_exceptions=False
        ) as client:
            client.follow_redirects = False
            yield client
    finally:
        wiring.give_back()


async def test_requests_are_counted_by_templates(
    counted: Client, registry: CollectorRegistry, world: HttpWorld
) -> None:
    """
    No id, no name, nothing of a path, a query or a body makes a label; strangers' paths make one series.
    """
    bearer = {"Authorization": f"Bearer {world.token('student-asha')}", "Idempotency-Key": "k" * 20}
    begun = await counted.post("/api/payment/initiate", json=CHECKOUT, headers=bearer)
    payment = begun.json()["transaction_id"]
    for number in range(30):
        await counted.get(f"/api/payment/status/SKNOTTHERE{number:010}", headers=bearer)
        await counted.get(f"/wp-admin/{number}?token=secret{number}")
        await counted.request(f"BREW{number}", "/health/live")
    await counted.head("/health/live")
    await counted.options("/health/live")
    await counted.post("/api/payment/webhook", content=b"{}")

    served = generate_latest(registry).decode()
    own = [line for line in served.splitlines() if line.startswith("shulk_http_requests_total{")]
    assert begun.status_code == 201
    assert 'route="/api/payment/initiate",status_class="2xx"} 1.0' in served
    assert 'method="GET",route="none",status_class="4xx"} 30.0' in served
    assert 'method="HEAD",route="/health/live",status_class="2xx"} 1.0' in served
    assert 'method="OPTIONS",route="none"' in served
    assert 'method="other"' in served
    assert 'shulk_gateway_evidence_total{kind="webhook",outcome="forged"} 1.0' in served
    assert len(own) < 9
    for private in (payment, "NOTTHERE", "student-asha", "wp-admin", "secret", "BREW", "Asha"):
        assert private not in served


def test_all_routes_together_make_few_series(world: HttpWorld) -> None:
    """
    If each route was asked for by each of its methods, and ended well, wrongly and badly.
    """
    asked = [
        (route.path, method)
        for route in new_app(world.settings).routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
    ]
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for (path, method), status in product(asked, (200, 303, 404, 500)):
        metrics.request(path, method, status, 0.1, streamed=False)

    series = sum(len(family.samples) for family in registry.collect())
    by_route = [(path, method) for path, method in asked if method != "OPTIONS"]
    assert len(by_route) * 4 < series <= SERIES_MAX, (len(asked), len(OF_REQUESTS), series)
