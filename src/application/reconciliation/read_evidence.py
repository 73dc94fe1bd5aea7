"""Read all that a run knows: open expectations, reports without a journal, what is open, and the statements."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from domain.business_day import business_day_of
from domain.identifiers import PaymentId, RefundId
from domain.reconciliation.complete_days import days_without_gap
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.finding import DiscrepancyKey, Finding
from domain.reconciliation.plain_sums import PlainSums
from domain.reconciliation.reported import DeclaredTotal, LineRef, OrderRead, ReportedLine
from domain.reconciliation.resolution_context import is_asked_refund
from domain.reconciliation.taxonomy import Action, Cause
from domain.settlements.settlement_line import LineState, LineType
from domain.settlements.settlement_report import ReportState
from ports.file_store import FileHash
from ports.reconciliation.book_reads import BookReads, BookRecord
from ports.reconciliation.first_pass import FirstPass, FirstPassQuery
from ports.settlements.bank_statements import BankStatements, StoredEntry
from ports.settlements.report_answers import ReportAnswers
from ports.settlements.settlement_reads import SettlementReads, StoredLine, StoredSettlement
from ports.unit_of_work import UnitOfWork, Work

DAYS_AWAITED: Final = 10
"""A source is asked for so long; what it has not brought by then is no gap any more, and a person knows of it."""

RESERVE: Final = frozenset({LineType.RESERVE_HOLD, LineType.RESERVE_RELEASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvidence:
    """
    What a run compares, and what it needs to conclude from that.

    *counted* are the lines that count for money. *live* reports wait for their journal; those of
    *not_posted* are held or wait for a person. *superseded* reports wait to be taken back, with the
    *taken_back* lines. *posted* reports have a journal and no credit yet.
    """

    evidence: Evidence
    records: Mapping[str, BookRecord]
    known: Mapping[DiscrepancyKey, Discrepancy]
    counted: Mapping[LineRef, ReportedLine]
    live: Sequence[StoredSettlement]
    not_posted: Sequence[StoredSettlement]
    superseded: Sequence[StoredSettlement]
    posted: Sequence[StoredSettlement]
    taken_back: frozenset[LineRef]
    entries: Sequence[StoredEntry]
    paid: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """
    Nothing is written. A re-issue that waits for a person is not compared: what stands still counts. What is plain
    is read as sums, and only what is left line by line.

    What an open discrepancy is about is compared again, as if no line had closed it.
    """

    unit_of_work: UnitOfWork
    books: BookReads
    settlements: SettlementReads
    statements: BankStatements
    answers: ReportAnswers
    first_pass: FirstPass
    agreement: Agreement

    async def __call__(self, at: datetime, reads: Mapping[str, OrderRead]) -> RunEvidence:
        """Return what is known *at* this instant (UTC), with the *reads* of orders by payment."""
        async with self.unit_of_work() as work:
            known = await work.reconciliation.discrepancies.for_run(())
            refunds_asked = await _refunds_asked(work, known.values())
        unposted = await self.settlements.unposted()
        live = [each for each in unposted if each.state is ReportState.LIVE]
        superseded = await self.settlements.unreversed()
        compared = [*live, *(each for each in unposted if _is_first_and_held(each, live))]
        places = frozenset(ref for each in known.values() for ref in each.finding.lines)
        again = await self.settlements.lines_at(places)
        first = await self.first_pass(
            FirstPassQuery(
                at=at,
                live=_places(live),
                held=_places(compared) - _places(live),
                again=places,
                apart_from=_apart(known.values(), again, reads),
            ),
            self.agreement,
        )
        told = {each.reported.ref: each for each in (*again, *first.lines)}
        stored = [_as_released(each) for each in told.values()]
        lines = [each.reported for each in stored if each.state is not LineState.SUPERSEDED]
        taken_back = await self._taken_back(superseded)
        taken_back |= {each.reported.ref for each in stored if each.state is LineState.SUPERSEDED}
        records = await self._records(first.open, lines, known, taken_back)
        reopened = {each.ref for each in lines} | taken_back
        held = {each.file for each in compared if each.state is ReportState.HELD}
        evidence = Evidence(
            as_of=at,
            books=[each.entry(self.agreement, reopened) for each in records.values()],
            lines=lines,
            rejected=await self.settlements.rejected_rows(held),
            declared=_declared(compared, lines, first.plain),
            complete_until=await self._complete_until(business_day_of(at)),
            reserve_held=await self.books.reserve_held(
                [each.ref for each in lines if each.line.line_type in RESERVE]
            ),
            reads=reads,
            held_back=_held_back(stored, known, compared),
            refunds_asked=refunds_asked,
            plain=first.plain,
        )
        return RunEvidence(
            evidence=evidence,
            records=records,
            known=known,
            counted=_counted(stored, compared),
            live=live,
            not_posted=[each for each in unposted if each.state is not ReportState.LIVE],
            superseded=superseded,
            posted=await self.settlements.uncredited(),
            taken_back=frozenset(taken_back),
            entries=await self.statements.open_entries(),
        )

    async def _complete_until(self, today: date) -> Mapping[str, date]:
        """Return up to which day the files of each MID are there; one that a source still has to bring is a gap."""
        reached = await self.settlements.complete_until()
        first = today - timedelta(days=DAYS_AWAITED)
        awaited = await self.answers.awaited(first, today)
        return days_without_gap(reached, awaited, self.agreement.terms.calendar)

    async def _taken_back(self, superseded: Sequence[StoredSettlement]) -> set[LineRef]:
        """Return the lines of *superseded* reports that have settled something."""
        settled = await self.books.settled_in({each.file for each in superseded})
        places = {each.settled_by for each in settled if each.settled_by}
        lines = await self.settlements.lines_at(places)
        return {each.reported.ref for each in lines if each.state is LineState.SUPERSEDED}

    async def _records(
        self,
        open_: Iterable[BookRecord],
        lines: Iterable[ReportedLine],
        known: Mapping[DiscrepancyKey, Discrepancy],
        taken_back: Collection[LineRef],
    ) -> dict[str, BookRecord]:
        told = [line.line for line in lines]
        entries = {ref for each in known.values() for ref in each.finding.entries}
        payments = {PaymentId(each) for each in entries}
        payments |= {line.payment_id for line in told if line.payment_id}
        refunds = {RefundId(each) for each in entries}
        refunds |= {line.refund_id for line in told if line.refund_id}
        named = await self.books.named(payments, refunds)
        back = await self.books.settled_in({ref.file for ref in taken_back})
        back = [each for each in back if each.settled_by in taken_back]
        return {each.id: each for each in (*open_, *back, *named)}


def _places(reports: Iterable[StoredSettlement]) -> frozenset[tuple[FileHash, str]]:
    return frozenset((each.file, each.settlement) for each in reports)


def _apart(
    known: Iterable[Discrepancy], again: Iterable[StoredLine], reads: Iterable[str]
) -> frozenset[str]:
    """Return what is looked at one by one, by its ids: what open discrepancies are about, and what was read."""
    named = {each.reported.line.payment_id for each in again}
    findings = [each.finding for each in known]
    about = {ref for each in findings for ref in (each.ref, *each.entries, *each.closed)}
    return frozenset({*about, *(each for each in named if each), *reads})


async def _refunds_asked(work: Work, known: Iterable[Discrepancy]) -> list[Finding]:
    """Return what is *known* of second charges that staff have asked the bank to give back."""
    twice = {each.id: each.finding for each in known if each.finding.cause is Cause.CHARGED_TWICE}
    histories = await work.reconciliation.resolutions.about(twice) if twice else {}
    return [
        twice[name] for name, history in histories.items() if any(map(is_asked_refund, history))
    ]


def _as_released(stored: StoredLine) -> StoredLine:
    """Return *stored* with the note that a person has released it: no other line that is told twice counts."""
    is_released = stored.state is LineState.LIVE and stored.reported.line.occurrence > 1
    return replace(stored, reported=replace(stored.reported, is_released=is_released))


def _held_back(
    stored: Iterable[StoredLine],
    known: Mapping[DiscrepancyKey, Discrepancy],
    compared: Iterable[StoredSettlement],
) -> list[Finding]:
    """Return what stands of lines that are held back, and whose report is not compared as a whole."""
    whole = {(each.file, each.settlement) for each in compared}
    places = {
        each.reported.ref
        for each in stored
        if each.state in {LineState.DUPLICATE, LineState.HELD}
        and (each.reported.file, each.reported.settlement) not in whole
    }
    return [
        each.finding
        for each in known.values()
        if each.finding.action is Action.HOLD_LINE and places.issuperset(each.finding.lines)
    ]


def _declared(
    reports: Sequence[StoredSettlement], lines: Iterable[ReportedLine], plain: Iterable[PlainSums]
) -> list[DeclaredTotal]:
    """
    Return what the files of *reports* say of sums whose lines are all among *lines* or in *plain* sums.

    A line that another file had told before, or a report that has its journal, is in the sum and not among them.
    """
    there = Counter((line.file, line.settlement) for line in lines)
    for sums in plain:
        there[sums.file, sums.settlement] += sums.lines
    whole = {
        (each.file, each.settlement)
        for each in reports
        if there[each.file, each.settlement] == each.totals.lines
    }
    counts: Counter[str] = Counter()
    for file, settlement in whole:
        counts[file] += there[file, settlement]
    files = {each.file: each for each in reports}
    return [
        DeclaredTotal(
            file=file,
            settlement=told.settlement_id,
            net_paise=told.net.paise,
            lines=told.lines,
        )
        for file, report in files.items()
        for told in report.declared
        if told.net is not None
        and (
            counts[file] == report.file_lines
            if told.settlement_id is None
            else (file, told.settlement_id) in whole
        )
    ]


def _is_first_and_held(report: StoredSettlement, live: Sequence[StoredSettlement]) -> bool:
    """Whether a held report is all that is known of its settlement."""
    others = {each.settlement for each in live}
    return (
        report.state is ReportState.HELD
        and report.next_journal == 1
        and report.settlement not in others
    )


def _counted(
    stored: Iterable[StoredLine], compared: Iterable[StoredSettlement]
) -> dict[LineRef, ReportedLine]:
    held = {(each.file, each.settlement) for each in compared if each.state is not ReportState.LIVE}
    return {
        each.reported.ref: each.reported
        for each in stored
        if each.state is LineState.LIVE
        and (each.reported.file, each.reported.settlement) not in held
    }
