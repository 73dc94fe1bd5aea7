"""Fetch the settlement files that are awaited, and ask for a reconciliation every night and whenever one has come."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from domain.business_day import IST, business_day_of
from domain.identifiers import PaymentId
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.complete_days import EVERY_MID
from domain.reconciliation.run import RANGE_DAYS_MAX, Run, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.settlements.settlement_report import ReportAnswer, ReportState
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit_log import Origin, Source
from ports.clock import Clock
from ports.notifications.outbox import OutboxTask
from ports.reconciliation.run_register import RunRegister
from ports.settlements.report_answers import KeptAnswer, ReportAnswers
from ports.settlements.settlement_reads import SettlementReads, StoredSettlement
from ports.unit_of_work import UnitOfWork

DAYS_BACK: Final = 10
"""A day that is not complete by then needs a person; its alert has told so every day."""

SLOTS: Final = tuple(time(hour, tzinfo=IST) for hour in (2, 6, 10, 14, 18))
"""When the sources are asked (India); at the first of them a run is asked for in any case."""

RUNS_READ_MAX: Final = 50
TRIED_AGAIN_AFTER: Final = timedelta(hours=1)
"""After a run that failed: what made it fail is seldom gone in minutes."""

TOLD_WITHIN: Final = timedelta(days=2)
"""What ended longer ago is no news any more."""

TOLD: Final = frozenset({RunState.COMPLETE, RunState.INCOMPLETE})
ONE_DAY: Final = timedelta(days=1)
BY_JOB: Final = Origin(actor="system", source=Source.RECONCILIATION)
DONE: Final = frozenset({ReportAnswer.READY, ReportAnswer.NOTHING_SETTLED})

AskForRun = Callable[[date, date, RunTrigger, Origin], Awaitable[Run]]
"""Asks for a run over business dates, both included; the run of the range that has not ended is the same."""

FetchDay = Callable[[date, Origin], Awaitable[object]]
"""Asks the sources for the files of a day, imports what is there, and keeps what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchAndReconcile:
    """*file_by* is the time of a business day (India) from which a file that has not come raises an alert."""

    fetch: FetchDay
    ask: AskForRun
    answers: ReportAnswers
    reads: SettlementReads
    runs: RunRegister
    calendar: BankCalendar
    alerts: Alerts
    clock: Clock
    file_by: time
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        """
        Do what is due now; return 0: nothing is left to do.

        All that says what is due is stored, so that a missed night is caught up by the next call, oldest day
        first, and that two callers at once do no harm. Raises ``StorageUnavailable`` and ``FilesUnavailable``.
        """
        now = self.clock.now()
        today = business_day_of(now)
        days = [today - timedelta(days=number) for number in range(DAYS_BACK, -1, -1)]
        kept = await self._kept(days)
        awaited = [day for day in days if not _is_complete(kept[day])]
        asked = [day for day in awaited if _was_not_asked(kept[day], last_slot(now))]
        for day in asked:
            await self.fetch(day, BY_JOB)
        if asked:
            kept = await self._kept(days)
            await self._tell_missing([day for day in asked if self._is_late(day, now)], kept)
        runs = await self.runs.page(at_most=RUNS_READ_MAX)
        await self._tell_finance(runs, now)
        await self._ask_for_run(runs, now, awaited)
        return 0

    async def _kept(self, days: Sequence[date]) -> Mapping[date, Sequence[KeptAnswer]]:
        found: dict[date, list[KeptAnswer]] = defaultdict(list)
        for each in await self.answers.of_days(days[0], days[-1]):
            found[each.day].append(each)
        return found

    def _is_late(self, day: date, now: datetime) -> bool:
        """Whether a file of *day* has to be there; on closed days of the bank none is due."""
        due_at = datetime.combine(day, self.file_by, IST)
        return now >= due_at and self.calendar.is_working_day(day)

    async def _tell_missing(
        self, days: Sequence[date], kept: Mapping[date, Sequence[KeptAnswer]]
    ) -> None:
        """Alert for each file of *days* that no source has and nobody else has brought, held or not."""
        if not days:
            return
        missing = await self.answers.awaited(days[0], days[-1])
        held = [each.totals for each in await self.reads.unposted()]
        missing -= {(mid, each.settled_on) for each in held for mid in (each.mid, EVERY_MID)}
        for day in days:
            for mid, answers in sorted(_by_mid(kept[day]).items()):
                if (mid, day) not in missing:
                    continue
                since = min(each.first_asked_at or each.asked_at for each in answers)
                why = next((each.why for each in answers if each.why), None)
                facts = {"at": since.isoformat(), "reason": why or answers[0].answer.value}
                await self.alerts.call(
                    Alert(
                        kind=AlertKind.SETTLEMENT_FILE_MISSING,
                        subject=f"{mid}/{day.isoformat()}",
                        facts=facts,
                    )
                )

    async def _tell_finance(self, runs: Sequence[Run], now: datetime) -> None:
        """Write an email to finance for each run that has ended; one that is written is not written again."""
        ended = [each for each in runs if each.state in TOLD and _is_recent(each, now)]
        if not ended:
            return
        async with self.unit_of_work() as work:
            for run in ended:
                work.notifications.outbox.enqueue(
                    OutboxTask.RECONCILIATION_SUMMARY, PaymentId(run.id), now, subject=run.id
                )

    async def _ask_for_run(
        self, runs: Sequence[Run], now: datetime, awaited: Sequence[date]
    ) -> None:
        """
        Ask for tonight's run unless it was asked for, else for one over the files that no run has seen.

        Tonight's begins with the oldest day that was *awaited* before it.
        """
        night, yesterday = last_night(now), business_day_of(now) - ONE_DAY
        if not any(r.trigger is RunTrigger.JOB and r.requested_at >= night for r in runs):
            first = min([*awaited, yesterday])
            await self.ask(first, yesterday, RunTrigger.JOB, BY_JOB)
            return
        latest = runs[0]
        failed = latest.state is RunState.FAILED
        if latest.state.is_live or (failed and now < latest.requested_at + TRIED_AGAIN_AFTER):
            return
        new = _not_seen_by(latest, await self.reads.unposted())
        if new:
            last = min(max(each.totals.settled_on for each in new), business_day_of(now))
            first = min(each.totals.settled_on for each in new) - ONE_DAY
            first = max(min(first, last), last - timedelta(days=RANGE_DAYS_MAX - 1))
            await self.ask(first, last, RunTrigger.FILE_ARRIVED, BY_JOB)


def last_slot(now: datetime) -> datetime:
    """Return the last instant at which the sources were to be asked."""
    here = now.astimezone(IST)
    days = (here.date() - ONE_DAY, here.date())
    slots = [datetime.combine(day, each) for day in days for each in SLOTS]
    return max(slot for slot in slots if slot <= here).astimezone(now.tzinfo)


def last_night(now: datetime) -> datetime:
    """Return the last instant at which a run was to be asked for in any case."""
    here = now.astimezone(IST)
    begun = datetime.combine(here.date(), SLOTS[0])
    return (begun if begun <= here else begun - ONE_DAY).astimezone(now.tzinfo)


def _by_mid(answers: Sequence[KeptAnswer]) -> Mapping[str, Sequence[KeptAnswer]]:
    found: dict[str, list[KeptAnswer]] = defaultdict(list)
    for each in answers:
        found[each.mid].append(each)
    return found


def _is_complete(answers: Sequence[KeptAnswer]) -> bool:
    """Whether some source has told, of each MID, what there was or that there was nothing."""
    by_mid = _by_mid(answers).values()
    return bool(by_mid) and all(any(each.answer in DONE for each in told) for told in by_mid)


def _was_not_asked(answers: Sequence[KeptAnswer], since: datetime) -> bool:
    return all(each.asked_at < since for each in answers)


def _is_recent(run: Run, now: datetime) -> bool:
    return run.ended_at is not None and now - run.ended_at < TOLD_WITHIN


def _not_seen_by(run: Run, reports: Sequence[StoredSettlement]) -> list[StoredSettlement]:
    """Return the live reports that *run* did not know: their files have come since."""
    seen = {(each.sha256, each.settlement) for each in run.summary.files} if run.summary else set()
    return [
        each
        for each in reports
        if each.state is ReportState.LIVE and (each.file, each.settlement) not in seen
    ]
