"""Rebuilding payments from what is kept of them."""

from dependency_injector import containers, providers

from application.rebuild.rebuild_payments import RebuildPayments
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock


class Rebuild(containers.DeclarativeContainer):
    storage = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()

    rebuild_payments = providers.Singleton(
        RebuildPayments, storage.booked_payments, storage.differences, clock
    )
