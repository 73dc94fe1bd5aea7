"""Settlement files as they are received and imported: each once by its hash, each import whole or not at all."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from domain.money import Money
from domain.settlements.file_state import SettlementFileState
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import LineWarning, RejectedRow
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import SettlementLine
from domain.settlements.settlement_report import FileOrigin, ReportState
from domain.settlements.settlement_totals import DeclaredTotals, SettlementTotals
from ports.audit_log import AuditEntry
from ports.file_store import FileHash
from ports.settlements.settlement_file_reader import FileFormat, FileRefusal, HoldReason

READING_MAX: Final = timedelta(minutes=20)
"""A worker that has not ended the import by then is taken for lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """
    A file whose bytes stand in the file store; *received_at* in UTC.

    *day* is the business date that it was fetched for. *preset* and *mid* are what a person named.
    """

    sha256: FileHash
    name: str
    size: int
    origin: FileOrigin
    received_at: datetime
    received_by: str
    day: date | None = None
    preset: str | None = None
    mid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing of a file was taken."""

    reason: FileRefusal
    detail: str
    line_no: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """What a whole file came to, but for its lines."""

    format: FileFormat
    line_count: int
    rejected_count: int
    skipped_count: int
    warnings: Mapping[LineWarning, int] = field(default_factory=dict)
    declared: tuple[DeclaredTotals, ...] = ()
    held_for: tuple[HoldReason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Who released a held file, and why."""

    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What a file says of one settlement, as a person is shown it."""

    totals: SettlementTotals
    state: ReportState
    reported: ReportedAgain | None
    live_lines: int
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFile:
    """A file with what became of it; *reports* are its settlements by key."""

    received: ReceivedFile
    state: SettlementFileState
    attempts: int = 0
    content: FileContent | None = None
    refusal: Refusal | None = None
    released: Release | None = None
    reports: tuple[FileReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDifference:
    """
    The lines of a settlement that differ from what other files have reported; equal ones are counted.

    What counts before are its live reports, or the held ones where there is none; what these repeat of
    other settlements is not missed. Of the lines of one side that nothing on the other can pair with,
    one may stand for all. *matched* are the keys of those lines that a run has posted.
    """

    before: Sequence[SettlementLine]
    after: Sequence[SettlementLine]
    unchanged: int = 0
    matched: frozenset[str] = frozenset()
    is_held: bool = False
    """Whether only held reports were there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVerdict:
    """What is to become of one settlement of the file; a re-issue that is *live* supersedes what was there."""

    settlement: str
    state: ReportState
    reported: ReportedAgain | None


class SettlementFileImport(Protocol):
    """One import in one transaction. No other import decides while it does."""

    @property
    def file(self) -> SettlementFile:
        """The file as it was when the import began."""
        ...

    async def add(self, lines: Sequence[KeyedLine]) -> None:
        """Add lines with their warnings, in the order of the file."""
        ...

    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        """Add rows that could not be read."""
        ...

    async def reported_before(self, settlements: Collection[str]) -> frozenset[str]:
        """Return which of *settlements* other files have reported; from here on no other import decides."""
        ...

    async def difference(self, settlement: str) -> ReportedDifference:
        """Return how this file's lines of *settlement* differ from what other files have reported of it."""
        ...

    async def conclude(
        self,
        state: SettlementFileState,
        content: FileContent,
        totals: Sequence[SettlementTotals],
        verdicts: Sequence[ReportVerdict],
        audit: AuditEntry,
        *,
        release: Release | None = None,
    ) -> None:
        """
        Decide which lines count, and keep the file's *state* with what was read and the *audit* entry.

        Of the lines of a live report, one whose event stands earlier in the file, or is live in another
        report, is a duplicate when every amount is equal, and held otherwise. What a re-issue supersedes
        does not count any more; a file that has no other report left is superseded itself.
        """
        ...


class SettlementFiles(Protocol):
    async def receive(self, file: ReceivedFile, audit: AuditEntry) -> SettlementFile:
        """Keep *file* as received, with *audit*; of a hash that is known the first one is returned as it is."""
        ...

    async def claim(self, file: FileHash, at: datetime) -> int | None:
        """
        Begin to read a received file, or one whose worker is lost; return the number of the attempt.

        It is None when the file is in any other state, or when another worker reads it.
        """
        ...

    def importing(
        self, file: FileHash, attempt: int | None = None
    ) -> AbstractAsyncContextManager[SettlementFileImport]:
        """
        Begin an import, or a decision on a file that was imported: ``async with files.importing(...)``.

        All of it is kept when the block ends, and nothing when it raises. Raises ``ChangedMeanwhile`` when
        *attempt* is not the last one any more, and ``NotFound``.
        """
        ...

    async def refuse(
        self, file: FileHash, attempt: int, refusal: Refusal, audit: AuditEntry
    ) -> None:
        """Keep that nothing of *file* is taken; nothing is done when *attempt* is not the last one any more."""
        ...

    async def reopen(
        self, file: FileHash, preset: str | None, mid: str | None, audit: AuditEntry
    ) -> None:
        """
        Let a refused file be read again, by what a person names now.

        Raises ``ChangedMeanwhile`` when it is not refused any more.
        """
        ...

    async def unread(self, at: datetime, *, at_most: int) -> Sequence[FileHash]:
        """Return the files that wait to be read, oldest first; those whose worker is lost wait again."""
        ...

    async def get(self, file: FileHash) -> SettlementFile:
        """Return the file; raise ``NotFound``."""
        ...

    async def page(
        self,
        *,
        state: SettlementFileState | None = None,
        waiting: bool = False,
        before: tuple[datetime, FileHash] | None = None,
        at_most: int,
    ) -> Sequence[SettlementFile]:
        """
        Return files, the latest first, those that came before the one given by its instant and hash.

        With *waiting* they are those with a re-issue that a person has to take or decline.
        """
        ...
