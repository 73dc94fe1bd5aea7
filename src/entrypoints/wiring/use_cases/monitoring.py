"""The business figures, the money invariants, and the alerts."""

from collections.abc import Callable

from dependency_injector import containers, providers

from application.gateway_config.current_configuration import CurrentConfiguration
from application.monitoring.answer_alerts import AnswerAlerts
from application.monitoring.check_invariants import CheckInvariants, WatchInvariants
from application.monitoring.count_payments import CountPayments
from application.monitoring.judge_alerts import JudgeAlerts
from application.monitoring.read_figures import ReadFigures
from application.monitoring.take_measures import TakeMeasures
from application.monitoring.watch_credentials import WatchCredentials
from domain.monitoring.alert_case import AlertId
from entrypoints.settings.settings import Settings
from entrypoints.wiring.credentials import credential_age_max, held_credentials
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.clock import Clock


class Monitoring(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency()
    storage = NamedDependencies()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    configuration: providers.Dependency[CurrentConfiguration] = providers.Dependency()
    new_alert_id: providers.Dependency[Callable[[], AlertId]] = providers.Dependency()

    check_invariants = providers.Singleton(CheckInvariants, storage.invariants, clock)
    watch_invariants = providers.Singleton(WatchInvariants, check_invariants, alerts)
    count_payments = providers.Singleton(CountPayments, storage.payment_rollups)
    watch_credentials = providers.Singleton(
        WatchCredentials,
        providers.Singleton(held_credentials, settings, configuration),
        providers.Callable(credential_age_max, settings),
        storage.audit_reads,
        storage.unit_of_work,
        clock,
    )
    take_measures = providers.Singleton(
        TakeMeasures,
        storage.payment_rollups,
        storage.system_health,
        storage.raised_alerts,
        storage.gateway_calls,
        watch_credentials,
        clock,
    )
    judge_alerts = providers.Singleton(
        JudgeAlerts, take_measures, storage.alerts, storage.unit_of_work, clock, new_alert_id
    )
    answer_alerts = providers.Singleton(AnswerAlerts, storage.alerts, storage.unit_of_work, clock)
    read_figures = providers.Singleton(
        ReadFigures, storage.payment_rollups, clock, storage.gateway_calls
    )
