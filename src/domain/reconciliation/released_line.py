"""Lines that stand twice in their file, and are real all the same: they count from the next run on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from domain.business_day import business_day_of
from domain.ledger.journal import Journal
from domain.ledger.settlement_postings import post_released_lines
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.finding import Finding
from domain.reconciliation.line_postings import added, in_suspense, totals_of_line
from domain.reconciliation.reported import ReportedLine

COUNTED_SINCE: Final = "counted_since"
"""The evidence that a run counts a released line: the day (India) on which it began to."""


@dataclass(frozen=True, slots=True)
class CountedLines:
    """
    What counting released lines comes to: their discrepancy, open once more, and its journal.

    There is no journal while their reports have none: then the lines are a part of the reports' own.
    """

    discrepancy: Discrepancy
    journal: Journal | None


def is_counted(finding: Finding) -> bool:
    """Whether a run counts the released lines of *finding* already."""
    return COUNTED_SINCE in dict(finding.evidence)


def count_lines(
    discrepancy: Discrepancy,
    posted: Iterable[ReportedLine],
    *,
    at: datetime,
    calendar: BankCalendar,
) -> CountedLines:
    """
    Return what follows when the lines of a resolved *discrepancy* count, as a run does it first of all.

    *posted* are those whose report has its journal. Their money stands in suspense with the discrepancy, which
    is open again until the same run has found out what they are. Raises ``IllegalDiscrepancyStep`` when the
    discrepancy is not resolved any more.
    """
    finding, lines, day = discrepancy.finding, list(posted), business_day_of(at)
    told = replace(
        finding,
        posted_paise=sum(in_suspense(line, finding).paise for line in lines),
        evidence=tuple(sorted((*finding.evidence, (COUNTED_SINCE, day.isoformat())))),
    )
    journal = released_journal(discrepancy, lines, day)
    return CountedLines(discrepancy.counted(told, at, calendar), journal)


def released_journal(
    discrepancy: Discrepancy, posted: Iterable[ReportedLine], day: date
) -> Journal | None:
    """
    Return what a run posts on *day* when it counts the lines *posted* of *discrepancy*, None where it posts nothing.

    *discrepancy* is as it stands before the run.
    """
    finding = discrepancy.finding
    return post_released_lines(
        discrepancy.id,
        finding.settlement,
        added(totals_of_line(line, finding) for line in posted),
        day,
        # As all that a run moves for a discrepancy: the version under which it is stored then.
        sequence=discrepancy.version + 1,
    )
