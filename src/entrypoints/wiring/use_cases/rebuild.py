"""Rebuilding payments from what is kept of them."""

from dependency_injector import containers, providers

from application.rebuild.rebuild_payments import RebuildPayments
from ports.clock import Clock


class Rebuild(containers.DeclarativeContainer):
    storage = providers.DependenciesContainer()
    clock: providers.Dependency[Clock] = providers.Dependency()

    rebuild_payments = providers.Singleton(
        RebuildPayments, storage.booked_payments, storage.differences, clock
    )
