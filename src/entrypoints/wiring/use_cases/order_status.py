"""Reading the bank's order status and applying it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from dependency_injector import containers, providers

from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.read_order import ReadOrder
from application.order_status.refresh_order import RefreshOrder
from domain.payments.refund_polling import RefundPollingSchedule
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock

BROWSER_WAITS_MAX: Final = timedelta(seconds=5)
"""How long a student's browser is kept waiting for the bank's answer."""


class OrderStatus(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    jitter: providers.Dependency[Callable[[], int]] = providers.Dependency()

    refund_polling_schedule = providers.Singleton(
        RefundPollingSchedule, settings.provided.refund_poll_delay, jitter
    )
    apply_order_status = providers.Singleton(
        ApplyOrderStatus,
        storage.unit_of_work,
        clock,
        refund_polling_schedule,
        settings.provided.failure_email_after,
        settings.provided.refund_mismatched_charges,
        settings.provided.borne,
        settings.provided.dispute_response,
    )
    refresh_order = providers.Singleton(
        RefreshOrder, read_order, apply_order_status, BROWSER_WAITS_MAX
    )
