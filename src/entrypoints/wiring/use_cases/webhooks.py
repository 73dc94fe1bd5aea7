"""What the platform is told: its endpoints, and the deliveries to them."""

from collections.abc import Callable

from dependency_injector import containers, providers

from application.webhooks.call_endpoint import CallEndpoint
from application.webhooks.forget_deliveries import ForgetDeliveries
from application.webhooks.manage_endpoints import ManageEndpoints
from application.webhooks.relay_webhooks import RelayWebhooks
from domain.webhooks.platform_endpoint import EndpointId
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.cipher import Cipher
from ports.clock import Clock
from ports.notifications.webhook_sender import WebhookSender


class Webhooks(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    sender: providers.Dependency[WebhookSender] = providers.Dependency()
    cipher: providers.Dependency[Cipher] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    jitter: providers.Dependency[Callable[[], int]] = providers.Dependency()
    new_endpoint_id: providers.Dependency[Callable[[], EndpointId]] = providers.Dependency()
    new_secret: providers.Dependency[Callable[[], str]] = providers.Dependency()

    call = providers.Singleton(
        CallEndpoint, sender, cipher, clock, settings.provided.platform_webhook_hosts
    )
    relay_webhooks = providers.Singleton(
        RelayWebhooks,
        deliveries=storage.deliveries,
        endpoints=storage.endpoints,
        unit_of_work=storage.unit_of_work,
        call=call,
        alerts=alerts,
        clock=clock,
        jitter=jitter,
    )
    manage_endpoints = providers.Singleton(
        ManageEndpoints,
        endpoints=storage.endpoints,
        deliveries=storage.deliveries,
        unit_of_work=storage.unit_of_work,
        cipher=cipher,
        call=call,
        clock=clock,
        new_id=new_endpoint_id,
        new_secret=new_secret,
        public=settings.provided.is_production,
    )
    forget_deliveries = providers.Singleton(ForgetDeliveries, storage.deliveries, clock)
