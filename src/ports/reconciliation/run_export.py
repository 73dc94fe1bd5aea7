"""What a run and its range came to, row by row and sheet by sheet, read in one snapshot."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from domain.identifiers import PaymentId
from domain.ledger.journal import Entry, JournalKey
from domain.money import ZERO, Money
from domain.payments.refund_state import RefundState
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.payout import CreditOutcome, CreditPart, PayoutOutcome
from domain.reconciliation.reported import ReportedLine
from domain.reconciliation.resolution import DiscrepancyResolution
from domain.reconciliation.run import Run
from domain.settlements.bank_statement import BankEntry
from domain.settlements.settlement_report import ReportState
from domain.settlements.settlement_totals import SettlementTotals
from ports.reconciliation.book_reads import BookRecord


class RunSheet(StrEnum):
    """The lists of an export, in their order."""

    SETTLEMENTS = "Settlements"
    MATCHED = "Matched"
    EXPECTED = "Expected"
    DISCREPANCIES = "Discrepancies"
    BANK_CREDITS = "Bank credits"
    JOURNAL = "Journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSettlement:
    """
    What one file says of one settlement.

    *net* is of the lines that count, *credited* what the account shows of the whole settlement. *posted_at*
    (UTC) is None without a journal.
    """

    sheet: ClassVar = RunSheet.SETTLEMENTS
    file: str
    file_name: str
    totals: SettlementTotals
    state: ReportState
    net: Money
    credited: Money
    payout: PayoutOutcome | None
    posted_at: datetime | None

    @property
    def amount(self) -> Money:
        """What it adds to the sum of its sheet: its net amount, while it counts."""
        return self.net if self.state is ReportState.LIVE else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedMatch:
    """A capture or paid refund of the business date *day* (IST), with the line that settled it."""

    sheet: ClassVar = RunSheet.MATCHED
    record: BookRecord
    day: date
    line: ReportedLine

    @property
    def amount(self) -> Money:
        """Our amount, negative for a refund."""
        return signed_amount(self.record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedExpectation:
    """A capture or paid refund of the business date *day* (IST) that no line had settled when the run ended."""

    sheet: ClassVar = RunSheet.EXPECTED
    record: BookRecord
    day: date
    due_on: date | None = None
    """When the bank has to settle it: by the agreement, not as it is stored."""

    @property
    def amount(self) -> Money:
        """Our amount, negative for a refund."""
        return signed_amount(self.record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedDiscrepancy:
    """
    What the run found, as it stands today, with the last decision about it.

    *line* is the first that it is about. *payment* is that of the refund that it is about. *client_reference* is
    what the platform calls the purchase, where the payment is known.
    """

    sheet: ClassVar = RunSheet.DISCREPANCIES
    discrepancy: Discrepancy
    decision: DiscrepancyResolution | None
    line: ReportedLine | None
    payment: PaymentId | None
    client_reference: str | None = None

    @property
    def amount(self) -> Money:
        """The bank's amount less ours."""
        return Money(self.discrepancy.finding.difference_paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCredit:
    """An entry of *account*, once for each settlement that it pays; *part* is None where it pays none."""

    sheet: ClassVar = RunSheet.BANK_CREDITS
    account: str
    entry: BankEntry
    outcome: CreditOutcome | None
    part: CreditPart | None

    @property
    def amount(self) -> Money:
        """What it pays of the settlement, or all of it where it pays none."""
        return self.entry.amount if self.part is None else Money(self.part.amount_paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedJournal:
    """A journal of the reconciliation; *reverses* is the number of the journal that it takes back."""

    sheet: ClassVar = RunSheet.JOURNAL
    number: int
    key: JournalKey
    day: date
    posted_on: date
    reference: str
    reverses: int | None
    entries: tuple[Entry, ...]

    @property
    def amount(self) -> Money:
        """The sum of its debits."""
        return sum((each.amount for each in self.entries if each.amount > ZERO), ZERO)


ExportedRow = (
    ExportedSettlement
    | ExportedMatch
    | ExportedExpectation
    | ExportedDiscrepancy
    | ExportedCredit
    | ExportedJournal
)


class RunExport(Protocol):
    """Only a few rows are in memory at a time; one list is read after the other."""

    def settlements(self) -> AsyncIterator[ExportedSettlement]:
        """
        Yield the settlements with sales of the run's range, and those that the run took, by day and key.

        A report that tells nothing new is left out.
        """
        ...

    def matched(self) -> AsyncIterator[ExportedMatch]:
        """
        Yield the captures and paid refunds of the range that a line had settled when the run ended.

        What the run has found a discrepancy about is left out. They are ordered by day and id.
        """
        ...

    def expected(self) -> AsyncIterator[ExportedExpectation]:
        """Yield those up to the last day of the range that no line had settled then, likewise."""
        ...

    def discrepancies(self) -> AsyncIterator[ExportedDiscrepancy]:
        """Yield what the run found, in the order in which it was found first."""
        ...

    def credits(self) -> AsyncIterator[ExportedCredit]:
        """
        Yield the entries of the account that pay these settlements, that the run found, or booked in the range.

        What has nothing to do with settlements is left out. They are ordered by day.
        """
        ...

    def journals(self) -> AsyncIterator[ExportedJournal]:
        """Yield what is posted for these settlements, entries and discrepancies, by day and number."""
        ...


class RunExports(Protocol):
    def __call__(self, run: Run) -> AbstractAsyncContextManager[RunExport]:
        """Begin to read what *run*, which has ended, and its range came to; what comes after is not seen."""
        ...


def signed_amount(record: BookRecord) -> Money:
    """Return what *record* does to our money: a refund is negative."""
    return -record.amount if isinstance(record.state, RefundState) else record.amount
