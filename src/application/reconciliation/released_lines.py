"""The lines of a release that a run counts, and what it posts of them: planned before, and done by the next run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from domain.business_day import business_day_of
from domain.ledger.journal import Journal
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.released_line import released_journal
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.settlements.settlement_line import LineState
from domain.settlements.settlement_report import ReportState
from ports.clock import Clock
from ports.settlements.settlement_reads import SettlementReads

Report = tuple[str, str]
"""The file of a report, and its settlement."""


@dataclass(frozen=True, slots=True)
class Unposted:
    """The reports without a journal: *new* ones get theirs by the next run, those that are *held* wait for a person."""

    new: frozenset[Report]
    held: frozenset[Report]

    def without_new(self, lines: Collection[ReportedLine]) -> list[ReportedLine]:
        """Return those of *lines* whose report has its journal; the others are a part of that to come."""
        return [each for each in lines if (each.file, each.settlement) not in self.new]


async def unposted_reports(settlements: SettlementReads) -> Unposted:
    """Return the reports that nothing was posted for."""
    unposted = await settlements.unposted()
    new = frozenset(
        (each.file, each.settlement) for each in unposted if each.state is ReportState.LIVE
    )
    return Unposted(new, frozenset((each.file, each.settlement) for each in unposted) - new)


async def countable_lines(
    settlements: SettlementReads,
    places: Collection[LineRef],
    unposted: Unposted,
    agreement: Agreement,
) -> Sequence[ReportedLine]:
    """Return the lines at *places* that count now: all that are left, or none while one has to wait."""
    stored = await settlements.lines_at(places)
    lines = [each.reported for each in stored if each.state is LineState.DUPLICATE]
    waits = any(
        (each.file, each.settlement) in unposted.held or agreement.holds(each) for each in lines
    )
    return [] if waits else lines


@dataclass(frozen=True, slots=True)
class PlanRelease:
    """What the next run posts once the lines of a discrepancy are released; nothing is written."""

    settlements: SettlementReads
    agreement: Agreement
    clock: Clock

    async def __call__(self, discrepancy: Discrepancy, *, stored_again: int) -> Journal | None:
        """
        Return the journal, on the day of today; None while a line waits, or is a part of its report's own journal.

        *discrepancy* is as it is stored now; it is stored so many times more before the run.
        """
        unposted = await unposted_reports(self.settlements)
        places = discrepancy.finding.lines
        lines = await countable_lines(self.settlements, places, unposted, self.agreement)
        then = replace(discrepancy, version=discrepancy.version + stored_again)
        today = business_day_of(self.clock.now())
        return released_journal(then, unposted.without_new(lines), today)
