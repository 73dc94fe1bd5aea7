"""Settlement files beside the books."""

from dependency_injector import containers, providers

from application.reconciliation.compare_file import CompareSettlementFile
from application.reconciliation.compare_statement import CompareBankStatement
from entrypoints.settings.settings import Settings
from entrypoints.wiring.settlement_terms import agreement_of
from ports.clock import Clock
from ports.settlements.bank_statement_reader import BankStatementReader
from ports.settlements.settlement_file_reader import SettlementFileReader


class Reconciliation(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = providers.DependenciesContainer()
    clock: providers.Dependency[Clock] = providers.Dependency()
    settlement_files: providers.Dependency[SettlementFileReader] = providers.Dependency()

    statements: providers.Dependency[BankStatementReader] = providers.Dependency()

    compare_statement = providers.Singleton(
        CompareBankStatement,
        reader=statements,
        agreement=providers.Callable(agreement_of, settings),
        clock=clock,
    )
    compare_file = providers.Singleton(
        CompareSettlementFile,
        reader=settlement_files,
        books=storage.book_reads,
        agreement=providers.Callable(agreement_of, settings),
        clock=clock,
    )
