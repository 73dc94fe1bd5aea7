"""What finance is told of a run: its figures, what is open, and which files are awaited since when."""

from dataclasses import replace
from datetime import date

import pytest

from application.notifications.summarise_run import SummariseRun
from contracts.reconciliation.discrepancies_contract import a_discrepancy
from contracts.reconciliation.runs_contract import a_run
from domain.errors import NotFound
from domain.money import Money
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.run import RunId, RunSummary
from domain.settlements.settlement_report import FileOrigin, ReportAnswer
from fakes.audit.sealing import seal
from fakes.clock import NOON, StoppedClock
from fakes.memory import Memory
from fakes.samples import BY_STAFF
from fakes.settlements.report_answers import MemoryReportAnswers
from fakes.store import RunRow
from ports.audit_log import AuditEntry
from ports.notifications.email_texts import AwaitedFile, UnexplainedItem
from ports.settlements.report_answers import KeptAnswer

FRIDAY = date(2026, 11, 13)
SUMMARY = RunSummary(
    received_paise=9_000_00,
    refunded_paise=-1_000_00,
    matched=7,
    matched_paise=7_990_00,
    expected=2,
    expected_paise=500_00,
    missing={"SIM0001": "2026-11-13", "SIM9001": "2026-11-12"},
)


@pytest.fixture
def memory() -> Memory:
    memory = Memory()
    run = a_run(summary=SUMMARY)
    memory.store.runs[run.id] = RunRow(run=run)
    return memory


def summarise(memory: Memory) -> SummariseRun:
    return SummariseRun(
        runs=memory.runs,
        answers=MemoryReportAnswers(memory.store),
        discrepancies=memory.discrepancies,
        sealed_log=memory.sealed_log,
        clock=StoppedClock(),
    )


async def test_the_figures_are_those_of_the_run(memory: Memory) -> None:
    """
    Refunds are taken off what was settled; what is open is named, the gravest first, and what is closed is not.
    """
    small, large, closed = a_discrepancy(1), a_discrepancy(2, paise=-999_00), a_discrepancy(3)
    closed = replace(closed, state=DiscrepancyState.RESOLVED)
    large = replace(large, finding=replace(large.finding, settlement=""))
    for each in (small, large, closed):
        memory.store.discrepancies[each.id] = each

    told = await summarise(memory)(RunId("RC1"))

    assert told is not None
    assert (told.settled, told.matched, told.matched_count) == (
        Money(8_000_00),
        Money(7_990_00),
        7,
    )
    assert (told.awaited, told.awaited_count) == (Money(500_00), 2)
    assert told.unexplained == (
        UnexplainedItem(reference="line-2", what="unknown order", difference=Money(-999_00)),
        UnexplainedItem(
            reference="line-1",
            what=f"unknown order, {small.finding.settlement}",
            difference=Money(100),
        ),
    )
    assert told.difference == Money(-998_00)
    assert told.page == "/console/reconciliation/RC1"


async def test_a_file_is_awaited_since_it_was_asked_for(memory: Memory) -> None:
    """
    By the source that was asked first; a file that nobody was asked for says so.
    """
    answer = KeptAnswer(
        mid="*",
        day=FRIDAY,
        origin=FileOrigin.FOLDER,
        answer=ReportAnswer.NOT_READY,
        asked_at=NOON,
    )
    await MemoryReportAnswers(memory.store).keep(
        [answer, replace(answer, mid="OTHER01", origin=FileOrigin.REPORT)]
    )

    told = await summarise(memory)(RunId("RC1"))

    assert told is not None
    assert not told.ties_out
    assert list(told.files) == [
        AwaitedFile(mid="SIM0001", day=FRIDAY, since=NOON),
        AwaitedFile(mid="SIM9001", day=date(2026, 11, 12)),
    ]


async def test_a_run_without_figures_has_none(memory: Memory) -> None:
    """
    It failed, or it has not ended.
    """
    run = a_run(2)
    memory.store.runs[run.id] = RunRow(run=run)

    assert await summarise(memory)(run.id) is None
    with pytest.raises(NotFound):
        await summarise(memory)(RunId("RC9"))


async def test_the_last_checkpoint_of_the_audit_log_goes_along(memory: Memory) -> None:
    """
    Finance's mailbox is out of reach of whoever has the database.
    """
    run = summarise(memory)
    before = await run(RunId("RC1"))
    memory.store.audit.append(AuditEntry(at=NOON, origin=BY_STAFF, action="a", subject="b"))
    await seal(memory.sealed_log)()
    after = await run(RunId("RC1"))

    assert before is not None
    assert after is not None
    assert before.checkpoint == ""
    assert after.checkpoint == (await memory.sealed_log.state()).note
