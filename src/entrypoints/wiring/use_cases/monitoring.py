"""The business figures, counted and read; the money invariants, checked and watched."""

from dependency_injector import containers, providers

from application.monitoring.check_invariants import CheckInvariants, WatchInvariants
from application.monitoring.count_payments import CountPayments
from application.monitoring.read_figures import ReadFigures
from ports.alerts import Alerts
from ports.clock import Clock


class Monitoring(containers.DeclarativeContainer):
    storage = providers.DependenciesContainer()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    check_invariants = providers.Singleton(CheckInvariants, storage.invariants, clock)
    watch_invariants = providers.Singleton(WatchInvariants, check_invariants, alerts)
    count_payments = providers.Singleton(CountPayments, storage.payment_rollups)
    read_figures = providers.Singleton(ReadFigures, storage.payment_rollups, clock)
