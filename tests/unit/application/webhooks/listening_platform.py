"""A platform that listens, in memory: its endpoints, what it got, and who keeps them."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Final

from application.webhooks.call_endpoint import CallEndpoint
from application.webhooks.forget_deliveries import ForgetDeliveries
from application.webhooks.manage_endpoints import (
    EndpointWithSecret,
    ManageEndpoints,
    NewEndpoint,
)
from application.webhooks.relay_webhooks import RelayWebhooks
from domain.payments.polling_schedule import JITTER_STEPS
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.platform_endpoint import EndpointId, PlatformEndpoint
from domain.webhooks.webhook_event import WebhookEvent
from fakes.alerts import AlertBook
from fakes.cipher import MemoryCipher
from fakes.clock import StoppedClock
from fakes.memory import Memory
from fakes.notifications.webhooks import HookBook
from fakes.samples import BY_STAFF
from fakes.store import DeliveryRow

URL: Final = "https://platform.example/hooks"


@dataclass
class ListeningPlatform:
    memory: Memory = field(default_factory=Memory)
    clock: StoppedClock = field(default_factory=StoppedClock)
    cipher: MemoryCipher = field(default_factory=MemoryCipher)
    hooks: HookBook = field(default_factory=HookBook)
    alerts: AlertBook = field(default_factory=AlertBook)
    public: bool = True

    def __post_init__(self) -> None:
        ids, secrets = count(1), count(1)
        memory, clock = self.memory, self.clock
        call = CallEndpoint(self.hooks, self.cipher, clock)
        self.relay = RelayWebhooks(
            deliveries=memory.deliveries,
            endpoints=memory.endpoints,
            unit_of_work=memory.unit_of_work,
            call=call,
            alerts=self.alerts,
            clock=clock,
            jitter=lambda: JITTER_STEPS // 2,
        )
        self.manage = ManageEndpoints(
            endpoints=memory.endpoints,
            deliveries=memory.deliveries,
            unit_of_work=memory.unit_of_work,
            cipher=self.cipher,
            call=call,
            clock=clock,
            new_id=lambda: EndpointId(f"WE{next(ids):018d}"),
            new_secret=lambda: f"whsec_{next(secrets)}",
            public=self.public,
        )
        self.forget = ForgetDeliveries(memory.deliveries, clock)

    async def added(self, url: str = URL, *types: WebhookEventType) -> EndpointWithSecret:
        return await self.manage.add(
            NewEndpoint(url=url, types=frozenset(types), description="", origin=BY_STAFF)
        )

    async def happens(self, *events: WebhookEvent) -> None:
        async with self.memory.unit_of_work() as work:
            work.webhooks.deliveries.enqueue(events, self.clock.now())

    async def passes(self, time: timedelta, *, step: timedelta) -> None:
        """Let *time* pass, and the worker work after each *step* of it."""
        end = self.clock.now() + time
        while self.clock.now() < end:
            self.clock.move(step)
            await self.relay()

    def endpoint(self, endpoint: EndpointId) -> PlatformEndpoint:
        return self.memory.store.webhook_endpoints[endpoint]

    @property
    def rows(self) -> list[DeliveryRow]:
        return [*self.memory.store.webhook_deliveries.values()]

    @property
    def audited(self) -> list[str]:
        return [entry.action for entry in self.memory.store.audit]
