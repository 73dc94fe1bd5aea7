"""What any register of endpoints must do: keep them whole, refuse old versions, remove them with what is theirs."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from contracts.storage import LEASE, Storage
from domain.errors import ChangedMeanwhile, NotFound
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointState, PlatformEndpoint
from fakes.clock import NOON
from fakes.hooked import ENDPOINT, an_endpoint, an_event

HOUR: Final = timedelta(hours=1)
WHOLE: Final = replace(
    ENDPOINT,
    description="The platform",
    types=frozenset({WebhookEventType.PAYMENT_SUCCEEDED, WebhookEventType.DISPUTE_LOST}),
    state=EndpointState.DISABLED,
    previous_secret="k1:before",
    previous_until=NOON + HOUR,
    failing_since=NOON,
    paused_until=NOON + HOUR,
    disabled_at=NOON + HOUR,
    why="the endpoint answered 500",
)


async def save(storage: Storage, *endpoints: PlatformEndpoint) -> None:
    for each in endpoints:
        async with storage.unit_of_work() as work:
            work.webhooks.endpoints.save(each)


class EndpointsContract:
    async def test_an_endpoint_is_kept_whole(self, storage: Storage) -> None:
        """
        As it was added, and as it is changed.
        """
        await save(storage, ENDPOINT, replace(WHOLE, version=1))

        assert await storage.endpoints.get(ENDPOINT.id) == replace(WHOLE, version=2)

    async def test_the_oldest_comes_first(self, storage: Storage) -> None:
        """
        Of two that were added together, the one with the lesser id.
        """
        later = an_endpoint("A", added_at=NOON + HOUR)
        await save(storage, later, an_endpoint("C"), an_endpoint("B"))

        assert [each.id[2] for each in await storage.endpoints.all()] == ["B", "C", "A"]

    async def test_an_old_version_is_refused(self, storage: Storage) -> None:
        """
        Whoever was slower is told; so is whoever adds what is there.
        """
        await save(storage, ENDPOINT, replace(ENDPOINT, version=1))
        for version in (0, 1):
            with pytest.raises(ChangedMeanwhile):
                await save(storage, replace(ENDPOINT, version=version, why="late"))

        assert not (await storage.endpoints.get(ENDPOINT.id)).why

    async def test_what_is_removed_is_gone_with_its_deliveries(self, storage: Storage) -> None:
        """
        Those of another endpoint stay; an old version removes nothing.
        """
        await save(storage, ENDPOINT, an_endpoint("B"))
        async with storage.unit_of_work() as work:
            work.webhooks.deliveries.enqueue([an_event()], NOON)

        async def remove(version: int) -> None:
            async with storage.unit_of_work() as work:
                work.webhooks.endpoints.remove(replace(ENDPOINT, version=version))

        with pytest.raises(ChangedMeanwhile):
            await remove(2)
        assert len(await storage.deliveries.log(ENDPOINT.id, at_most=9)) == 1
        await remove(1)

        with pytest.raises(NotFound):
            await storage.endpoints.get(ENDPOINT.id)
        assert not await storage.deliveries.log(ENDPOINT.id, at_most=9)
        (left,) = await storage.deliveries.claim(NOON, lease=LEASE, at_most=9)
        assert left.endpoint == an_endpoint("B").id
