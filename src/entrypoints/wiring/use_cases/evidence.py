"""What tells of a payment: callbacks, webhooks, and polls of the bank."""

from collections.abc import Callable

from dependency_injector import containers, providers

from application.evidence.check_status import CheckStatus
from application.evidence.poll_orders import PollOrders
from application.evidence.process_inbox import ProcessInbox
from application.evidence.receive_callback import ReceiveCallback
from application.evidence.receive_webhook import ReceiveWebhook
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_at_intervals import RefreshAtIntervals
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway import call_max
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.clock import Clock
from ports.payments.gateway_messages import GatewayMessages


class Evidence(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    order_status = NamedDependencies()
    messages: providers.Dependency[GatewayMessages] = providers.Dependency()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    jitter: providers.Dependency[Callable[[], int]] = providers.Dependency()

    unit = storage.unit_of_work
    longest = providers.Callable(call_max, settings)

    refresh_at_intervals = providers.Singleton(
        RefreshAtIntervals,
        storage.order_polls,
        order_status.refresh_order,
        clock,
        settings.provided.status_read_interval,
    )
    receive_callback = providers.Singleton(ReceiveCallback, messages, unit, refresh_at_intervals)
    receive_webhook = providers.Singleton(ReceiveWebhook, messages, storage.inbox, clock)
    process_inbox = providers.Singleton(
        ProcessInbox,
        storage.inbox,
        unit,
        read_order,
        order_status.apply_order_status,
        clock,
        longest,
    )
    check_status = providers.Singleton(
        CheckStatus,
        storage.payment_queries,
        refresh_at_intervals,
        clock,
    )
    poll_orders = providers.Singleton(
        PollOrders,
        order_polls=storage.order_polls,
        unit_of_work=unit,
        read_order=read_order,
        apply=order_status.apply_order_status,
        alerts=alerts,
        clock=clock,
        jitter=jitter,
        lease=longest,
    )
