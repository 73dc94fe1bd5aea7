"""The job that fetches settlement files and asks for reconciliations."""

from datetime import time

from dependency_injector import containers, providers

from application.reconciliation.fetch_and_reconcile import FetchAndReconcile
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from entrypoints.wiring.settlement_terms import agreement_of
from ports.alerts import Alerts
from ports.clock import Clock


class Nightly(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    settlements = NamedDependencies()
    reconciliation = NamedDependencies()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    fetch_and_reconcile = providers.Singleton(
        FetchAndReconcile,
        fetch=settlements.fetch,
        ask=reconciliation.ask,
        answers=storage.report_answers,
        reads=storage.settlement_reads,
        runs=storage.reconciliation_runs,
        calendar=providers.Singleton(agreement_of, settings).provided.terms.calendar,
        alerts=alerts,
        clock=clock,
        file_by=providers.Factory(time, settings.provided.settlement_file_hour),
        unit_of_work=storage.unit_of_work,
    )
