"""Files are asked for at their hours, nights are caught up, and a file that comes starts the next run by itself."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final

import pytest

from application.reconciliation.ask_reconciliation import AskReconciliation
from application.reconciliation.fetch_and_reconcile import FetchAndReconcile, last_slot
from domain.business_day import IST
from domain.money import ZERO
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.run import RunFile, RunId, RunSummary, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.settlements.settlement_report import FileOrigin, ReportAnswer, ReportState
from domain.settlements.settlement_totals import SettlementTotals
from fakes.alerts import AlertBook
from fakes.clock import StoppedClock
from fakes.memory import Memory
from fakes.settlements.report_answers import MemoryReportAnswers
from fakes.settlements.stored import ReportRow
from fakes.store import RunRow
from ports.alerts import AlertKind
from ports.audit_log import Origin
from ports.file_store import FileHash
from ports.notifications.outbox import OutboxTask
from ports.settlements.report_answers import KeptAnswer

MID: Final = "SIM0001"
FRIDAY: Final = date(2026, 11, 13)
SATURDAY: Final = date(2026, 11, 14)
SUNDAY: Final = date(2026, 11, 15)
MONDAY: Final = date(2026, 11, 16)


def ist(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), IST).astimezone(UTC)


@dataclass(slots=True)
class Night:
    """The job over memory, with a bank that answers READY for *there* and NOT_READY for every other day."""

    memory: Memory = field(default_factory=Memory)
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(ist(SATURDAY, 2)))
    alerts: AlertBook = field(default_factory=AlertBook)
    there: set[date] = field(default_factory=set)
    fetched: list[date] = field(default_factory=list)
    why: str | None = None
    numbers: Iterator[int] = field(default_factory=count)
    answers: MemoryReportAnswers = field(init=False)
    job: FetchAndReconcile = field(init=False)

    def __post_init__(self) -> None:
        self.answers = MemoryReportAnswers(self.memory.store)
        self.job = FetchAndReconcile(
            fetch=self._fetch,
            ask=AskReconciliation(
                self.memory.runs,
                self.memory.unit_of_work,
                self.clock,
                lambda: RunId(f"RC{next(self.numbers)}"),
            ),
            answers=self.answers,
            reads=self.memory.settlement_reads,
            runs=self.memory.runs,
            calendar=BankCalendar(version="test"),
            alerts=self.alerts,
            clock=self.clock,
            file_by=time(18),
            unit_of_work=self.memory.unit_of_work,
        )

    async def at(self, day: date, hour: int, minute: int = 0) -> list[date]:
        """Run the job at that time in India; return the days that were fetched."""
        self.clock.at = ist(day, hour, minute)
        self.fetched.clear()
        assert await self.job() == 0
        return list(self.fetched)

    async def _fetch(self, day: date, origin: Origin) -> None:
        assert origin.actor == "system"
        self.fetched.append(day)
        answer = ReportAnswer.READY if day in self.there else ReportAnswer.NOT_READY
        told = KeptAnswer(
            mid=MID,
            day=day,
            origin=FileOrigin.REPORT,
            answer=answer,
            asked_at=self.clock.now(),
            why=self.why,
        )
        await self.answers.keep([told])

    @property
    def runs(self) -> list[tuple[date, date, RunTrigger]]:
        asked = [row.run for row in self.memory.store.runs.values()]
        return [(each.first, each.last, each.trigger) for each in asked]

    def end(
        self, *files: str, state: RunState = RunState.INCOMPLETE, at: datetime | None = None
    ) -> None:
        """End the latest run, which has seen *files*."""
        (*_, name) = self.memory.store.runs
        seen = tuple(RunFile(sha256=each, settlement="S1", posted=True) for each in files)
        run = replace(
            self.memory.store.runs[name].run,
            state=state,
            ended_at=at or self.clock.now(),
            summary=None if state is RunState.FAILED else RunSummary(files=seen),
        )
        self.memory.store.runs[name] = RunRow(run=run)

    def import_file(
        self, name: str, day: date = FRIDAY, state: ReportState = ReportState.LIVE
    ) -> None:
        totals = SettlementTotals(
            key="S1", settlement_id="S1", mid=MID, settled_on=day, utr=None, lines=1,
            credits=ZERO, debits=ZERO, fee=ZERO, cgst=ZERO, sgst=ZERO, igst=ZERO, utgst=ZERO, net=ZERO,
        )  # fmt: skip
        row = ReportRow(file=FileHash(name), totals=totals, state=state, reported=None)
        self.memory.store.settlements[row.file, totals.key] = row


@pytest.fixture
def night() -> Night:
    return Night()


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        (ist(SATURDAY, 2), ist(SATURDAY, 2)),
        (ist(SATURDAY, 5, 59), ist(SATURDAY, 2)),
        (ist(SATURDAY, 6), ist(SATURDAY, 6)),
        (ist(SATURDAY, 23, 59), ist(SATURDAY, 18)),
        (ist(SUNDAY, 1, 59), ist(SATURDAY, 18)),
    ],
)
def test_the_hours_are_those_of_india(at: datetime, slot: datetime) -> None:
    """
    At 2, 6, 10, 14 and 18, whatever the clock of the machine says.
    """
    assert last_slot(at) == slot


async def test_at_two_all_days_that_are_open_are_asked_for_and_reconciled(night: Night) -> None:
    """
    The oldest first; once in the slot, however often the job runs.
    """
    night.there = {FRIDAY - timedelta(days=each) for each in range(1, 10)}

    asked = await night.at(SATURDAY, 2)

    assert asked == sorted(asked) == [SATURDAY - timedelta(days=each) for each in range(10, -1, -1)]
    assert night.runs == [(SATURDAY - timedelta(days=10), FRIDAY, RunTrigger.JOB)]
    assert await night.at(SATURDAY, 2, 5) == []
    assert len(night.runs) == 1


async def test_many_workers_ask_for_one_run(night: Night) -> None:
    """
    Whoever is slower finds the run that was asked for, and the day that was asked for.
    """
    await asyncio.gather(*(night.job() for _ in range(5)))

    assert len(night.runs) == 1
    assert await night.at(SATURDAY, 2, 5) == []


async def test_what_is_awaited_is_asked_for_again_at_its_hours(night: Night) -> None:
    """
    At 6, 10, 14 and 18, and what is there not any more.
    """
    night.there = {FRIDAY - timedelta(days=each) for each in range(1, 10)}
    await night.at(SATURDAY, 2)

    assert await night.at(SATURDAY, 5, 55) == []
    assert await night.at(SATURDAY, 6) == [FRIDAY, SATURDAY]
    night.there.add(FRIDAY)
    assert await night.at(SATURDAY, 10) == [FRIDAY, SATURDAY]
    assert await night.at(SATURDAY, 14) == [SATURDAY]


async def test_a_missed_night_is_caught_up(night: Night) -> None:
    """
    Whenever the service is back: what says that it is due is stored, and no clock of a process.
    """
    night.there = {FRIDAY - timedelta(days=each) for each in range(10)}
    await night.at(FRIDAY, 2)
    night.end()

    asked = await night.at(MONDAY, 11, 20)

    assert asked == [SATURDAY, SUNDAY, MONDAY]
    assert night.runs[1:] == [(SATURDAY, SUNDAY, RunTrigger.JOB)]


async def test_a_file_that_comes_starts_a_run_by_itself(night: Night) -> None:
    """
    Whoever imported it; once, while it runs and afterwards.
    """
    await night.at(SATURDAY, 2)
    night.end()
    assert len(night.runs) == 1
    night.import_file("held", state=ReportState.HELD)
    await night.at(SATURDAY, 9)
    assert len(night.runs) == 1

    night.import_file("new")
    await night.at(SATURDAY, 9, 5)
    await night.at(SATURDAY, 9, 10)

    assert night.runs[1:] == [(FRIDAY - timedelta(days=1), FRIDAY, RunTrigger.FILE_ARRIVED)]
    night.end("new")
    await night.at(SATURDAY, 9, 15)
    assert len(night.runs) == 2


async def test_a_run_that_failed_is_tried_again_an_hour_later(night: Night) -> None:
    await night.at(SATURDAY, 2)
    night.end(state=RunState.FAILED)
    night.import_file("new", SUNDAY)

    await night.at(SATURDAY, 2, 55)
    assert len(night.runs) == 1
    await night.at(SATURDAY, 3)

    assert night.runs[1:] == [(SATURDAY, SATURDAY, RunTrigger.FILE_ARRIVED)]


async def test_a_file_that_is_not_there_by_its_hour_raises_an_alert(night: Night) -> None:
    """
    On working days, at each hour at which it is asked for; it says since when, and what the bank said.
    """
    night.there = {FRIDAY - timedelta(days=each) for each in range(1, 12)}
    await night.at(FRIDAY, 14)
    assert night.alerts.called == []
    night.why = "the bank answered with status 503"

    await night.at(FRIDAY, 18)
    await night.at(FRIDAY, 18, 5)

    (alert,) = night.alerts.called
    assert (alert.kind, alert.subject) == (
        AlertKind.SETTLEMENT_FILE_MISSING,
        "SIM0001/2026-11-13",
    )
    assert alert.facts == {"at": ist(FRIDAY, 14).isoformat(), "reason": night.why}
    night.why = None
    await night.at(SUNDAY, 18)
    assert [each.subject for each in night.alerts.called[1:]] == ["SIM0001/2026-11-13"]
    assert night.alerts.called[1].facts["reason"] == "not_ready"


@pytest.mark.parametrize("state", [ReportState.LIVE, ReportState.HELD])
async def test_a_file_that_somebody_else_brings_is_not_missing(
    night: Night, state: ReportState
) -> None:
    """
    By upload or command; the source is asked on. Only a file of that very day counts.
    """
    night.there = {FRIDAY - timedelta(days=each) for each in range(1, 12)}
    night.import_file("of another day", FRIDAY - timedelta(days=1))
    await night.at(FRIDAY, 18)
    assert [each.subject for each in night.alerts.called] == ["SIM0001/2026-11-13"]
    night.import_file("uploaded", FRIDAY, state)

    assert await night.at(SATURDAY, 18) == [FRIDAY, SATURDAY]

    assert len(night.alerts.called) == 1


async def test_one_source_that_has_it_is_enough(night: Night) -> None:
    """
    A folder never says that nothing was settled.
    """
    night.there = {FRIDAY - timedelta(days=each) for each in range(-1, 12)}
    await night.at(FRIDAY, 14)
    folder = [
        replace(each, origin=FileOrigin.FOLDER, answer=ReportAnswer.NOT_READY)
        for each in await night.answers.of_days(FRIDAY, FRIDAY)
    ]
    other = [replace(each, mid="SIM9001", answer=ReportAnswer.NOT_READY) for each in folder]
    await night.answers.keep(folder)

    assert await night.at(FRIDAY, 18) == []
    await night.answers.keep(other)
    assert await night.at(SATURDAY, 18) == [FRIDAY, SATURDAY]
    assert [each.subject for each in night.alerts.called] == ["SIM9001/2026-11-13"]


async def test_finance_is_told_of_each_run_once(night: Night) -> None:
    """
    Also when several workers see that it has ended; what ended days ago, or failed, is no news.
    """
    await night.at(SATURDAY, 2)
    night.end(at=ist(SATURDAY, 2, 4))
    await night.at(SATURDAY, 2, 5)
    await night.at(SATURDAY, 2, 10)
    await night.at(SUNDAY, 2)
    night.end(state=RunState.FAILED)
    await night.at(MONDAY, 2, 5)

    (row,) = night.memory.store.outbox.values()

    assert (row.task, row.subject) == (OutboxTask.RECONCILIATION_SUMMARY, "RC0")
