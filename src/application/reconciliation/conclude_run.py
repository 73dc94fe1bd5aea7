"""Conclude a run in one unit: journals, discrepancies, expectations, reports, credits, and the run itself."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.reconciliation.end_overtaken import decided_of_lines, end_overtaken
from application.reconciliation.read_evidence import RunEvidence
from application.reconciliation.record_disputes import EffectsWriter, record_disputes
from application.reconciliation.run_credits import MatchPayouts, credit_journals
from application.reconciliation.run_summary import summary_of
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile
from domain.money import Money
from domain.payments.dispute import RESPONSE_USUAL
from domain.reconciliation.bank_credits import CreditsOutcome
from domain.reconciliation.conclusion import Conclusion, NewReport, Posted, taken_back
from domain.reconciliation.discrepancy import Discrepancy, Judged, follow_up
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.expectation import ExpectationMove, PlainMove
from domain.reconciliation.finding import DiscrepancyKey, Finding
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.payout import CreditOutcome, PayoutOutcome
from domain.reconciliation.plain_sums import gross_of, lines_of
from domain.reconciliation.reported import LineRef
from domain.reconciliation.run import Run
from ports.audit_log import AuditEntry, Origin
from ports.reconciliation.discrepancy_queries import (
    DiscrepancyFilter,
    DiscrepancyOrder,
    DiscrepancyQueries,
)
from ports.settlements.settlement_reads import StoredSettlement
from ports.unit_of_work import UnitOfWork, Work

PAGE_MAX: Final = 1000
MATCHED: Final = frozenset({CreditOutcome.MATCHED, CreditOutcome.MATCHED_WITH_ROUNDING})

Superseded = Mapping[tuple[str, str], Sequence[Discrepancy]]
"""The discrepancies about each report that is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a run knows, what it came to, and what it had found *before* it read orders at the bank."""

    known: RunEvidence
    outcome: Outcome
    before: Sequence[Finding] = ()
    reads: int = 0


@dataclass(frozen=True, slots=True)
class ConcludeRun:
    """
    Everything is written in one transaction, or nothing is.

    Raises ``ChangedMeanwhile`` when somebody else has moved what the run compared: it is compared again.
    """

    unit_of_work: UnitOfWork
    discrepancies: DiscrepancyQueries
    match_payouts: MatchPayouts
    agreement: Agreement
    origin: Origin
    write_effects: EffectsWriter
    dispute_response: timedelta = RESPONSE_USUAL
    """How long staff have to contest a dispute that only a line tells of."""

    async def __call__(self, run: Run, compared: Compared, at: datetime) -> Run:
        """Return *run* as it ended *at* this instant (UTC)."""
        known, outcome, today = compared.known, compared.outcome, business_day_of(at)
        about = await self._about(known.superseded, at)
        async with self.unit_of_work() as work:
            register = work.reconciliation.discrepancies
            keys = {each.key for each in (*outcome.findings, *compared.before)}
            stored = await register.for_run(keys)
            _refuse_moved(stored, known.known)
            posted = Conclusion(
                outcome=outcome,
                counted=known.counted,
                new=[_new(each) for each in known.live],
                known={key: each for key, each in stored.items() if each.state.is_open},
                closed={
                    key: each.version for key, each in stored.items() if not each.state.is_open
                },
                payments={each.id: each.payment_id for each in known.records.values()},
                today=today,
            ).posted()
            credited = await self.match_payouts(known, posted.nets, today)
            more = {each.key for each in credited.findings} - stored.keys()
            stored = {**stored, **await register.for_run(more)}
            findings = (*posted.findings, *credited.findings)
            told = [stored[each.key] for each in findings if each.key in stored]
            followed = self._followed(
                run,
                compared,
                stored,
                findings=findings,
                judged=_judged(compared, credited),
                of_lines=await decided_of_lines(work, told),
                at=at,
            )
            followed = (*followed, *_explained(about, followed, by=f"run {run.id}"))
            summary = summary_of(
                run,
                known,
                outcome,
                credited,
                stored=followed,
                agreement=self.agreement,
                reads=compared.reads,
            )
            ended = run.ended(summary, known.evidence.as_of, at)
            _post(work, posted, known, about, at)
            _settle(work, compared)
            _credit(work, known, credited, at)
            register.save(followed)
            await record_disputes(
                work,
                followed,
                write_effects=self.write_effects,
                counted=known.counted,
                response=self.dispute_response,
                origin=self.origin,
                at=at,
            )
            await end_overtaken(
                work,
                followed,
                calendar=self.agreement.terms.calendar,
                origin=self.origin,
                at=at,
            )
            work.reconciliation.runs.end(ended)
            work.audit.add(_entry(ended, self.origin, at))
        return ended

    async def _about(self, reports: Iterable[StoredSettlement], at: datetime) -> Superseded:
        """Return the discrepancies about lines of *reports*, closed ones included."""
        found: dict[tuple[str, str], Sequence[Discrepancy]] = {}
        for each in reports:
            found[each.file, each.settlement] = [
                discrepancy
                async for discrepancy in self._named(each.settlement, at)
                if any(ref.file == each.file for ref in discrepancy.finding.lines)
            ]
        return found

    async def _named(self, settlement: str, at: datetime) -> AsyncIterator[Discrepancy]:
        """Yield every discrepancy that names *settlement*: what is left out would not be taken back."""
        wanted, after = DiscrepancyFilter(search=settlement), None
        while True:
            page = await self.discrepancies.page(
                wanted, order=DiscrepancyOrder.FOUND, at=at, after=after, at_most=PAGE_MAX
            )
            for each in page.items:
                yield each
            if (after := page.next) is None:
                return

    def _followed(
        self,
        run: Run,
        compared: Compared,
        stored: Mapping[DiscrepancyKey, Discrepancy],
        *,
        findings: Sequence[Finding],
        judged: Judged,
        of_lines: Collection[DiscrepancyKey],
        at: datetime,
    ) -> tuple[Discrepancy, ...]:
        calendar = self.agreement.terms.calendar
        by = f"run {run.id}"
        found = {each.key for each in findings}
        healed = [
            (stored.get(each.key) or Discrepancy.of(each, at, calendar)).healed(by)
            for each in compared.before
            if each.key not in found and judged.explains(each)
        ]
        repaired = {each.key for each in healed}
        rest = {key: each for key, each in stored.items() if key not in repaired}
        followed = follow_up(
            rest, findings, judged, at=at, calendar=calendar, by=by, of_lines=of_lines
        )
        return (*healed, *followed)


def _explained(
    about: Superseded, followed: Iterable[Discrepancy], *, by: str
) -> tuple[Discrepancy, ...]:
    """Return what was resolved about reports that are taken back, and is not found in those that replace them."""
    seen = {each.key for each in followed}
    resolved = {
        each.key: each
        for discrepancies in about.values()
        for each in discrepancies
        if each.state is DiscrepancyState.RESOLVED and each.key not in seen
    }
    return tuple(each.explained(by) for each in resolved.values())


def _new(report: StoredSettlement) -> NewReport:
    return NewReport(
        file=report.file,
        settlement=report.settlement,
        settled_on=report.totals.settled_on,
        sequence=report.next_journal,
        utr=report.totals.utr,
    )


def _refuse_moved(
    stored: Mapping[DiscrepancyKey, Discrepancy], compared: Mapping[DiscrepancyKey, Discrepancy]
) -> None:
    """Refuse to conclude when a discrepancy was found, decided or closed since the evidence was read."""
    now = {key: each.version for key, each in stored.items() if each.state.is_open}
    if now != {key: each.version for key, each in compared.items()}:
        raise ChangedMeanwhile("a discrepancy")


def _judged(compared: Compared, credited: CreditsOutcome) -> Judged:
    known, outcome = compared.known, compared.outcome
    held = {each.file for each in known.not_posted}
    told = {each.finding.settlement for each in known.known.values()}
    settled = {match.entry.id for match in outcome.matches}
    settled |= {each.id for each in known.evidence.books if each.settled_earlier}
    return Judged(
        lines=frozenset(line.ref for line in known.evidence.lines) | known.taken_back,
        entries=frozenset(settled | _closed(outcome).keys()),
        bank_entries=frozenset(each for each, word in credited.credits.items() if word in MATCHED),
        settlements=frozenset(
            each for each, word in credited.payouts.items() if word is PayoutOutcome.CREDITED
        ),
        # A file that is neither held nor waits any more was released or replaced.
        files=frozenset(told - held),
    )


def _closed(outcome: Outcome) -> dict[str, LineRef]:
    """Return the entries that findings close, each with the line that settles it."""
    return {entry: each.lines[0] for each in outcome.findings for entry in each.closed}


def _post(work: Work, posted: Posted, known: RunEvidence, about: Superseded, at: datetime) -> None:
    today = business_day_of(at)
    for report in known.superseded:
        place = (report.file, report.settlement)
        for reversal in taken_back(report.settlement, report.journal or 1, about[place], today):
            work.ledger.journals.reverse(reversal, at)
        work.settlements.reports.mark_reversed(place, at)
    for journal in posted.journals:
        work.ledger.journals.post(journal, at)


def _settle(work: Work, compared: Compared) -> None:
    known, outcome = compared.known, compared.outcome
    by = {match.entry.id: match.line.ref for match in outcome.matches} | _closed(outcome)
    moves = []
    for record in known.records.values():
        if not record.expected:
            continue
        line = by.get(record.id)
        line = line if line in known.counted else None
        reopens = record.settled_by in known.taken_back
        if (line is None and not reopens) or line == record.settled_by:
            continue
        moves.append(
            ExpectationMove(
                payment=record.payment_id,
                refund="" if record.id == record.payment_id else record.id,
                amount=record.amount,
                was=record.settled_by,
                by=line,
            )
        )
    work.reconciliation.expectations.move(moves)
    if outcome.plain:
        work.reconciliation.expectations.settle_plainly(_plain_move(known, outcome))


def _plain_move(known: RunEvidence, outcome: Outcome) -> PlainMove:
    """Return the move of what is plain: whatever else stands in its reports was compared line by line."""
    reports = frozenset((each.file, each.settlement) for each in outcome.plain)
    return PlainMove(
        reports=reports,
        apart_from=frozenset(
            line.ref for line in known.evidence.lines if (line.file, line.settlement) in reports
        ),
        lines=lines_of(outcome.plain),
        gross=Money(gross_of(outcome.plain)),
    )


def _credit(work: Work, known: RunEvidence, credited: CreditsOutcome, at: datetime) -> None:
    for journal in credit_journals(credited.parts, known.entries):
        work.ledger.journals.post(journal, at)
    work.reconciliation.credits.add(credited.parts, at)
    for entry in known.entries:
        word = credited.credits[entry.credit.entry]
        if word in MATCHED:
            work.settlements.bank_entries.close(entry.key, word, at)
        elif word is not entry.outcome:
            work.settlements.bank_entries.mark(entry.key, word)
    for report in known.live:
        work.settlements.reports.mark_posted(
            (report.file, report.settlement),
            report.next_journal,
            at,
            credited.payouts[report.settlement],
        )
    was = {each.settlement: each.payout for each in known.posted}
    for settlement, place in credited.payouts.items():
        if settlement in was and was[settlement] is not place:
            work.settlements.reports.mark_payout(settlement, place)


def _entry(run: Run, origin: Origin, at: datetime) -> AuditEntry:
    assert run.summary  # noqa: S101 - it has just ended
    return AuditEntry(
        at=at,
        origin=origin,
        action="reconciliation.ended",
        subject=run.id,
        facts={
            "state": run.state,
            "matched": str(run.summary.matched),
            "discrepancies": str(run.summary.discrepancies),
        },
    )
