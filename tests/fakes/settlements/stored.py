"""What memory keeps of settlement files and statements: the rows of a database, as values."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.money import ZERO, Money
from domain.reconciliation.payout import CreditOutcome, PayoutOutcome
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.settlements.bank_statement import BankEntry
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.reissue import DuplicateCause, ReportedAgain
from domain.settlements.settlement_line import LineState
from domain.settlements.settlement_report import ReportState
from domain.settlements.settlement_totals import SettlementTotals
from ports.file_store import FileHash
from ports.settlements.settlement_files import SettlementFile


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    number: int
    file: SettlementFile
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    file: FileHash
    told: KeyedLine
    state: LineState
    cause: DuplicateCause | None = None

    @property
    def place(self) -> LineRef:
        return LineRef(self.file, self.told.line.line_no)

    @property
    def settlement(self) -> str:
        return self.told.line.settlement_key

    @property
    def reported(self) -> ReportedLine:
        return ReportedLine(file=self.file, line=self.told.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    file: FileHash
    totals: SettlementTotals
    state: ReportState
    reported: ReportedAgain | None
    live_lines: int = 0
    net: Money = ZERO
    sales_days: frozenset[date] = frozenset()
    journal: int | None = None
    posted_at: datetime | None = None
    is_reversed: bool = False
    payout: PayoutOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    number: int
    account: str
    key: str
    entry: BankEntry
    outcome: CreditOutcome | None = None
    closed_at: datetime | None = None
