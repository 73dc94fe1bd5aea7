"""The platform's endpoints in memory: saved only over the version that was read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import ChangedMeanwhile, NotFound
from domain.webhooks.platform_endpoint import EndpointId, PlatformEndpoint
from fakes.store import Change, Store


@dataclass(frozen=True, slots=True)
class MemoryEndpointWrites:
    changes: list[Change]

    def save(self, endpoint: PlatformEndpoint) -> None:
        def change(store: Store) -> None:
            _check(store, endpoint)
            kept = replace(endpoint, version=endpoint.version + 1)
            store.webhook_endpoints[endpoint.id] = kept

        self.changes.append(change)

    def remove(self, endpoint: PlatformEndpoint) -> None:
        def change(store: Store) -> None:
            _check(store, endpoint)
            del store.webhook_endpoints[endpoint.id]
            for key, row in [*store.webhook_deliveries.items()]:
                if row.endpoint == endpoint.id:
                    del store.webhook_deliveries[key]

        self.changes.append(change)


@dataclass(frozen=True, slots=True)
class MemoryEndpoints:
    store: Store

    async def all(self) -> Sequence[PlatformEndpoint]:
        await asyncio.sleep(0)
        return sorted(
            self.store.webhook_endpoints.values(), key=lambda each: (each.added_at, each.id)
        )

    async def get(self, endpoint: EndpointId) -> PlatformEndpoint:
        await asyncio.sleep(0)
        found = self.store.webhook_endpoints.get(endpoint)
        if found is None:
            raise NotFound("webhook endpoint", endpoint)
        return found


def _check(store: Store, endpoint: PlatformEndpoint) -> None:
    known = store.webhook_endpoints.get(endpoint.id)
    if (known.version if known else 0) != endpoint.version:
        raise ChangedMeanwhile("webhook endpoint")
