"""What a reconciliation reads of settlement files and statements, and what it writes of them when it concludes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.identifiers import PaymentId
from domain.money import Money
from domain.reconciliation.payout import PayoutOutcome
from domain.reconciliation.reported import LineRef, ReportedLine, UnreadableRow
from domain.settlements.reissue import DuplicateCause, ReportedAgain
from domain.settlements.settlement_line import LineState
from domain.settlements.settlement_report import ReportState
from domain.settlements.settlement_totals import DeclaredTotals, SettlementTotals
from ports.file_store import FileHash


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLine:
    """A line as it is kept; *reported* names its file by the hash of its bytes."""

    reported: ReportedLine
    state: LineState
    cause: DuplicateCause | None = None
    """Of a duplicate: why it is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSettlement:
    """
    What one file says of one settlement, and what became of it.

    Several files may report one: a supplement adds lines, with a journal of its own; a re-issue that was
    taken supersedes what was there. *live_lines* and *net* are of the lines that count, *totals* of all
    that could be read. *sales_days* are the business days of its lines (India).
    """

    file: FileHash
    totals: SettlementTotals
    state: ReportState
    reported: ReportedAgain | None
    """What it was to what was known of the settlement; None of the first report."""

    live_lines: int
    net: Money
    sales_days: frozenset[date]
    journal: int | None = None
    """The sequence of its journal, once that is posted."""

    next_journal: int = 1
    """One more than the highest sequence of all reports of the settlement."""

    is_reversed: bool = False
    """Whether its journal was reversed after it was superseded."""

    payout: PayoutOutcome | None = None
    """Where its money is, by the last run; None before the first one."""

    file_lines: int = 0
    """How many lines the whole file has."""

    declared: Sequence[DeclaredTotals] = ()
    """What the file says of its own sums: of this settlement, of others, or of all of it."""

    @property
    def settlement(self) -> str:
        """The bank's id, or MID and day."""
        return self.totals.key


class SettlementReads(Protocol):
    """Everything is returned in the order of settlement day, settlement, file and line."""

    async def unposted(self) -> Sequence[StoredSettlement]:
        """Return the reports that nothing was posted for: live ones, and those that are held or wait."""
        ...

    async def unreversed(self) -> Sequence[StoredSettlement]:
        """Return the superseded reports whose journal is posted and not reversed yet."""
        ...

    async def uncredited(self) -> Sequence[StoredSettlement]:
        """Return the live reports that are posted and whose money is not known to be on the account."""
        ...

    async def lines_of(self, reports: Collection[tuple[FileHash, str]]) -> Sequence[StoredLine]:
        """
        Return the lines of *reports* (file and settlement) that are not superseded.

        What another file had reported before with equal amounts is left out. Of a line that tells a live
        event with other amounts, that live line stands there, too, whichever report it is of.
        """
        ...

    async def lines_about(self, payments: Collection[PaymentId]) -> Sequence[StoredLine]:
        """Return all lines of *payments* that are not superseded, and were not reported before."""
        ...

    async def lines_at(self, places: Collection[LineRef]) -> Sequence[StoredLine]:
        """Return the lines that stand at *places*, whatever their state is; unknown places are left out."""
        ...

    async def rejected_rows(self, files: Collection[FileHash]) -> Sequence[UnreadableRow]:
        """Return the rows of *files* that could not be read."""
        ...

    async def complete_until(self) -> Mapping[str, date]:
        """
        Return, for each MID, up to which settlement day absence proves something.

        It is the latest day of a live report, or of which a source said that nothing was settled, but
        before the first day of a report that is held.
        """
        ...


class SettlementWrites(Protocol):
    """The unit's part by which a run concludes; each write is refused when its report moved meanwhile."""

    def mark_posted(
        self,
        report: tuple[FileHash, str],
        journal: int,
        at: datetime,
        payout: PayoutOutcome | None = None,
    ) -> None:
        """
        Collect that the journal with the sequence *journal* is posted for a live report that had none.

        *payout* is where its money is, as far as it is known.
        """
        ...

    def mark_reversed(self, report: tuple[FileHash, str], at: datetime) -> None:
        """Collect that the journal of a superseded report is reversed."""
        ...

    def mark_payout(self, settlement: str, outcome: PayoutOutcome) -> None:
        """Collect where the money of the live reports of *settlement* is that were posted before this unit."""
        ...

    def release_lines(self, places: Collection[LineRef]) -> None:
        """
        Collect that duplicate or held lines of live reports are real after all: they count from now on.

        Where the money of their settlements is has to be found out anew. A unit that releases lines says
        nothing else of a report.
        """
        ...
