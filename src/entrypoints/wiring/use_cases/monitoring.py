"""The money invariants, checked and watched."""

from dependency_injector import containers, providers

from application.monitoring.check_invariants import CheckInvariants, WatchInvariants
from ports.alerts import Alerts
from ports.clock import Clock


class Monitoring(containers.DeclarativeContainer):
    storage = providers.DependenciesContainer()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    check_invariants = providers.Singleton(CheckInvariants, storage.invariants, clock)
    watch_invariants = providers.Singleton(WatchInvariants, check_invariants, alerts)
