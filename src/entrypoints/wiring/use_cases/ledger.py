"""The ledger: its back-fill, and the closing of its periods."""

from dependency_injector import containers, providers

from application.ledger.backfill_ledger import BackfillLedger
from application.ledger.close_ledger import CloseLedger
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock


class Ledger(containers.DeclarativeContainer):
    storage = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()

    backfill_ledger = providers.Singleton(BackfillLedger, storage.ledger_backfill, clock)
    close_ledger = providers.Singleton(CloseLedger, storage.ledger_periods, clock)
