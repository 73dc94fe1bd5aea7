"""What the bank reports, imported."""

import httpx
from dependency_injector import containers, providers

from application.gateway_config.current_configuration import CurrentConfiguration
from application.settlements.compare_reissue import CompareReissue
from application.settlements.fetch_settlements import FetchSettlements
from application.settlements.import_bank_statement import ImportBankStatement
from application.settlements.import_settlement_file import ImportSettlementFile
from application.settlements.preview_file import PreviewSettlementFile
from application.settlements.release_file import (
    DeclineReissue,
    ReleaseSettlementFile,
    TakeReissue,
)
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from entrypoints.wiring.settlement_sources import awaited_mids, settlement_sources
from ports.clock import Clock
from ports.file_store import FileStore
from ports.settlements.bank_statement_reader import BankStatementReader
from ports.settlements.settlement_file_reader import SettlementFileReader


class Settlements(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()
    files: providers.Dependency[FileStore] = providers.Dependency()
    reader: providers.Dependency[SettlementFileReader] = providers.Dependency()
    statement_reader: providers.Dependency[BankStatementReader] = providers.Dependency()
    bank_client: providers.Dependency[httpx.AsyncClient | None] = providers.Dependency()
    configuration: providers.Dependency[CurrentConfiguration] = providers.Dependency()

    import_file = providers.Singleton(
        ImportSettlementFile,
        files=storage.settlement_files,
        store=files,
        reader=reader,
        clock=clock,
    )
    preview_file = providers.Singleton(
        PreviewSettlementFile, reader=reader, statement_reader=statement_reader
    )
    release_file = providers.Singleton(
        ReleaseSettlementFile, files=storage.settlement_files, clock=clock
    )
    compare_reissue = providers.Singleton(CompareReissue, files=storage.settlement_files)
    take_reissue = providers.Singleton(TakeReissue, files=storage.settlement_files, clock=clock)
    decline_reissue = providers.Singleton(
        DeclineReissue, files=storage.settlement_files, clock=clock
    )
    import_statement = providers.Singleton(
        ImportBankStatement,
        statements=storage.bank_statements,
        store=files,
        reader=statement_reader,
        accounts=settings.provided.bank_accounts,
        clock=clock,
    )
    fetch = providers.Singleton(
        FetchSettlements,
        sources=providers.Callable(settlement_sources, settings, configuration, bank_client, clock),
        mids=providers.Callable(awaited_mids, settings),
        import_file=import_file,
        answers=storage.report_answers,
        clock=clock,
    )
