"""A run is exported once it has concluded, whole, and by name."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest

from application.reconciliation.export_run import ExportRun, RunNotConcluded
from contracts.memory_storage import MemoryStorage
from contracts.reconciliation.book_reads_contract import TODAY, sold
from contracts.reconciliation.reconciling_contract import (
    AGREEMENT,
    PRICE,
    Trial,
    line,
    payout,
    state,
)
from contracts.settlements.settlement_files_contract import ONE, bring
from domain.errors import NotFound
from domain.money import Money
from domain.reconciliation.run import Run, RunId
from domain.reconciliation.settlement_terms import SettlementTerm, SettlementTerms
from fakes.reconciliation.run_export_files import RememberedRunFiles
from fakes.samples import BY_STAFF
from fakes.store import RunRow
from ports.reconciliation.run_export import ExportedExpectation, RunSheet
from ports.reconciliation.run_export_files import RunExportFormat, SheetTotal


@pytest.fixture
def trial() -> Trial:
    return Trial(MemoryStorage())


@pytest.fixture
def files() -> RememberedRunFiles:
    return RememberedRunFiles()


@pytest.fixture
def export(trial: Trial, files: RememberedRunFiles) -> ExportRun:
    terms = SettlementTerms(
        calendar=AGREEMENT.terms.calendar,
        terms={("SIM0002", "CARD"): SettlementTerm(working_days=2)},
    )
    return ExportRun(
        runs=trial.storage.runs,
        exports=trial.storage.run_exports,
        files=files,
        unit_of_work=trial.storage.unit_of_work,
        agreement=replace(AGREEMENT, terms=terms, mids_by_method={"CARD": "SIM0002"}),
        clock=trial.clock,
        at_a_time=2,
    )


async def test_a_run_is_written_and_audited(
    trial: Trial, files: RememberedRunFiles, export: ExportRun
) -> None:
    """
    Each sheet has its rows and their sum, and the audit log says who took them along.
    """
    for number in (1, 2):
        await sold(trial.storage, number)
    await bring(trial.storage, ONE, line(1), line(2, PRICE - 9_00))
    await state(trial.storage, payout(1, 2 * PRICE - 9_00))
    run = await trial.run()
    to = BytesIO()

    totals = await export(run.id, RunExportFormat.CSV, to, BY_STAFF)

    assert totals == {
        RunSheet.SETTLEMENTS: SheetTotal(1, Money(2 * PRICE - 9_00)),
        RunSheet.MATCHED: SheetTotal(1, Money(PRICE)),
        RunSheet.EXPECTED: SheetTotal(),
        RunSheet.DISCREPANCIES: SheetTotal(1, Money(-9_00)),
        RunSheet.BANK_CREDITS: SheetTotal(1, Money(2 * PRICE - 9_00)),
        RunSheet.JOURNAL: SheetTotal(3, Money(4 * PRICE - 9_00)),
    }
    (file,) = files.begun
    assert (file.form, file.head.run, file.head.at) == ("csv", run, trial.clock.at)
    assert [row.sheet for row in file.rows] == [
        *(RunSheet.SETTLEMENTS, RunSheet.MATCHED, RunSheet.DISCREPANCIES),
        *(RunSheet.BANK_CREDITS, *([RunSheet.JOURNAL] * 3)),
    ]
    assert to.getvalue().startswith(b"RC1 csv")
    entry = trial.storage.store.audit[-1]  # type: ignore[attr-defined]
    assert (entry.action, entry.subject, entry.origin) == (
        "reconciliation.exported",
        run.id,
        BY_STAFF,
    )
    assert entry.facts == {"form": "csv", "rows": "7"}


async def test_what_is_expected_has_the_day_on_which_it_is_due(
    trial: Trial, files: RememberedRunFiles, export: ExportRun
) -> None:
    """
    By the terms of the MID over which the bank settles its method.
    """
    await sold(trial.storage, 1)
    run = await trial.run()

    await export(run.id, RunExportFormat.XLSX, BytesIO(), BY_STAFF)

    (row,) = files.begun[0].rows
    assert isinstance(row, ExportedExpectation)
    assert row.due_on == TODAY + timedelta(days=2)


async def test_what_has_not_concluded_is_refused(
    trial: Trial, files: RememberedRunFiles, export: ExportRun
) -> None:
    """
    One that waits, one that failed, and one that nobody knows; nothing is begun.
    """
    waiting = await trial.ask()
    with pytest.raises(RunNotConcluded) as refused:
        await export(waiting.id, RunExportFormat.CSV, BytesIO(), BY_STAFF)
    assert refused.value.state is waiting.state

    taken = await trial.storage.runs.claim(trial.clock.at, lease=timedelta(minutes=1))
    assert taken
    failed: Run = taken.failed("line lost", trial.clock.at)
    trial.storage.store.runs[taken.id] = RunRow(run=failed)  # type: ignore[attr-defined]
    with pytest.raises(RunNotConcluded):
        await export(taken.id, RunExportFormat.CSV, BytesIO(), BY_STAFF)
    with pytest.raises(NotFound):
        await export(RunId("RC9"), RunExportFormat.CSV, BytesIO(), BY_STAFF)
    assert files.begun == []
