"""Settlement files beside the books, and the runs that reconcile them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from dependency_injector import containers, providers

from application.order_status.read_order import ReadOrder
from application.order_status.write_effects import write_effects
from application.reconciliation.ask_reconciliation import AskReconciliation
from application.reconciliation.compare_file import CompareSettlementFile
from application.reconciliation.compare_statement import CompareBankStatement
from application.reconciliation.conclude_run import ConcludeRun
from application.reconciliation.count_released_lines import CountReleasedLines
from application.reconciliation.export_run import ExportRun
from application.reconciliation.heal_books import HealBooks
from application.reconciliation.read_evidence import ReadEvidence
from application.reconciliation.run_credits import MatchPayouts
from application.reconciliation.run_reconciliation import RunReconciliation
from domain.reconciliation.run import RunId
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from entrypoints.wiring.settlement_terms import agreement_of
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.reconciliation.run_export_files import RunExportFiles
from ports.settlements.bank_statement_reader import BankStatementReader
from ports.settlements.settlement_file_reader import SettlementFileReader

BY_RUN: Final = Origin(actor="system", source=Source.POLL)
"""Who the audit log names for what a run reads and concludes by itself."""


async def pause(time: timedelta) -> None:
    """Wait between two reads of the bank."""
    await asyncio.sleep(time.total_seconds())


class Reconciliation(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    order_status = NamedDependencies()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    settlement_files: providers.Dependency[SettlementFileReader] = providers.Dependency()
    statements: providers.Dependency[BankStatementReader] = providers.Dependency()
    new_run_id: providers.Dependency[Callable[[], RunId]] = providers.Dependency()
    run_files: providers.Dependency[RunExportFiles] = providers.Dependency()

    agreement = providers.Singleton(agreement_of, settings)
    compare_statement = providers.Singleton(
        CompareBankStatement, reader=statements, agreement=agreement, clock=clock
    )
    compare_file = providers.Singleton(
        CompareSettlementFile,
        reader=settlement_files,
        books=storage.book_reads,
        agreement=agreement,
        clock=clock,
    )
    ask = providers.Singleton(
        AskReconciliation,
        runs=storage.reconciliation_runs,
        unit_of_work=storage.unit_of_work,
        clock=clock,
        new_id=new_run_id,
    )
    run = providers.Singleton(
        RunReconciliation,
        runs=storage.reconciliation_runs,
        unit_of_work=storage.unit_of_work,
        count_released_lines=providers.Singleton(
            CountReleasedLines,
            unit_of_work=storage.unit_of_work,
            settlements=storage.settlement_reads,
            agreement=agreement,
            clock=clock,
            origin=BY_RUN,
        ),
        read_evidence=providers.Singleton(
            ReadEvidence,
            unit_of_work=storage.unit_of_work,
            books=storage.book_reads,
            settlements=storage.settlement_reads,
            statements=storage.bank_statements,
            answers=storage.report_answers,
            first_pass=storage.first_pass,
            agreement=agreement,
        ),
        heal=providers.Singleton(
            HealBooks,
            unit_of_work=storage.unit_of_work,
            read_order=read_order,
            apply=order_status.apply_order_status,
            pause=providers.Object(pause),
            origin=BY_RUN,
        ),
        conclude=providers.Singleton(
            ConcludeRun,
            unit_of_work=storage.unit_of_work,
            discrepancies=storage.discrepancies,
            match_payouts=providers.Singleton(
                MatchPayouts,
                credits=storage.settlement_credits,
                statements=storage.bank_statements,
                agreement=agreement,
            ),
            agreement=agreement,
            origin=BY_RUN,
            write_effects=providers.Object(write_effects),
            dispute_response=settings.provided.dispute_response,
        ),
        agreement=agreement,
        clock=clock,
    )
    export = providers.Singleton(
        ExportRun,
        runs=storage.reconciliation_runs,
        exports=storage.run_exports,
        files=run_files,
        unit_of_work=storage.unit_of_work,
        agreement=agreement,
        clock=clock,
    )
