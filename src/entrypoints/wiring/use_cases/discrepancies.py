"""Discrepancies between books and bank: resolved by one person, approved by another one."""

from dependency_injector import containers, providers

from application.discrepancies.decide_resolution import DecideResolution
from application.discrepancies.resolve_discrepancies import ResolveDiscrepancies
from application.reconciliation.released_lines import PlanRelease
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from entrypoints.wiring.settlement_terms import agreement_of, settlement_terms_of
from ports.clock import Clock


class Discrepancies(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    staff = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()

    terms = providers.Callable(settlement_terms_of, settings)
    resolve_discrepancies = providers.Singleton(
        ResolveDiscrepancies,
        unit_of_work=storage.unit_of_work,
        verify_totp=staff.verify_totp,
        plan_release=providers.Singleton(
            PlanRelease,
            settlements=storage.settlement_reads,
            agreement=providers.Singleton(agreement_of, settings),
            clock=clock,
        ),
        clock=clock,
        calendar=terms.provided.calendar,
        limits=settings.provided.resolution_limits,
        dispute_response=settings.provided.dispute_response,
    )
    decide_resolution = providers.Singleton(
        DecideResolution,
        unit_of_work=storage.unit_of_work,
        clock=clock,
        calendar=terms.provided.calendar,
    )
