"""Compare one settlement file with the books and store nothing: what a person sees before it counts."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import BinaryIO, Final

from domain.errors import DomainError
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.payout import Payout, payouts_of
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import DeclaredTotal, ReportedLine, UnreadableRow
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow
from domain.settlements.settlement_line import SettlementLine
from ports.clock import Clock
from ports.reconciliation.book_reads import BookReads, BookRecord
from ports.settlements.settlement_file_reader import (
    FileRefusal,
    FileSummary,
    SettlementFileReader,
    SettlementFileRefused,
)

LINES_MAX: Final = 100_000
"""More lines than a person looks at before a file is taken; all of them are in memory at once."""

DAYS_BEFORE: Final = timedelta(days=45)
"""How long before its settlement a payment of a file may have been made."""


class OutcomeNotWhole(DomainError):
    """The comparison lost something or counted it twice: a fault of our own code, and no result is shown."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"the comparison is no partition: {'; '.join(faults[:3])}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileComparison:
    """What the file holds, and what it comes to beside the books."""

    summary: FileSummary
    outcome: Outcome
    payouts: tuple[Payout, ...]
    """The settlements of the file, whose credits the account has to show."""


@dataclass(slots=True)
class _Content:
    lines: list[SettlementLine] = field(default_factory=list)
    rejected: list[UnreadableRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CompareSettlementFile:
    """
    Raises ``SettlementFileRefused`` for what is no report, or has more than ``LINES_MAX`` lines.

    The file speaks for what was due from its first day on: what was due before belongs to an
    earlier file. A file that is held proves nothing by what it does not hold.
    """

    reader: SettlementFileReader
    books: BookReads
    agreement: Agreement
    clock: Clock

    async def __call__(
        self, file: BinaryIO, name: str, *, preset: str | None = None, mid: str | None = None
    ) -> FileComparison:
        content, summary = await asyncio.to_thread(self._read, file, name, preset, mid)
        lines = [ReportedLine(file=name, line=line) for line in content.lines]
        evidence = Evidence(
            as_of=self.clock.now(),
            books=await self._books(content.lines),
            lines=lines,
            rejected=content.rejected,
            declared=[
                DeclaredTotal(
                    file=name,
                    settlement=told.settlement_id,
                    net_paise=told.net.paise,
                    lines=told.lines,
                )
                for told in summary.declared
                if told.net is not None
            ],
            complete_until={} if summary.held_for else _last_days(content.lines),
        )
        outcome = reconcile(evidence, self.agreement)
        if faults := partition_faults(evidence, outcome):
            raise OutcomeNotWhole(faults)
        uncounted = outcome.uncounted
        payouts = payouts_of(line for line in lines if line.ref not in uncounted)
        return FileComparison(summary=summary, outcome=outcome, payouts=payouts)

    def _read(
        self, file: BinaryIO, name: str, preset: str | None, mid: str | None
    ) -> tuple[_Content, FileSummary]:
        content = _Content()
        with self.reader.read(file, name, preset=preset, mid=mid) as reading:
            for item in reading.items():
                if isinstance(item, KeyedLine):
                    content.lines.append(item.line)
                elif isinstance(item, RejectedRow):
                    content.rejected.append(
                        UnreadableRow(file=name, line_no=item.line_no, reason=item.reason)
                    )
                if len(content.lines) > LINES_MAX:
                    raise SettlementFileRefused(
                        FileRefusal.TOO_MANY_ROWS, f"at most {LINES_MAX} lines are compared at once"
                    )
            return content, reading.summary()

    async def _books(self, lines: Sequence[SettlementLine]) -> list[BookEntry]:
        payments = {line.payment_id for line in lines if line.payment_id}
        refunds = {line.refund_id for line in lines if line.refund_id}
        named = await self.books.named(payments, refunds)
        due: Sequence[BookRecord] = ()
        if lines:
            first = min(line.settled_on for line in lines)
            last = max(line.settled_on for line in lines)
            due = await self.books.settleable(first - DAYS_BEFORE, last)
            due = [each for each in due if self._due_on(each) >= first]
        return [self._entry(each) for each in {each.id: each for each in (*due, *named)}.values()]

    def _due_on(self, record: BookRecord) -> date:
        mid = self.agreement.mids_by_method.get(record.method or "")
        return self.agreement.terms.due_on(record.at, mid, record.method)

    def _entry(self, record: BookRecord) -> BookEntry:
        return BookEntry(
            id=record.id,
            payment_id=record.payment_id,
            amount_paise=record.amount.paise,
            at=record.at,
            state=record.state,
            due_on=self._due_on(record),
            mid=self.agreement.mids_by_method.get(record.method or ""),
            method=record.method,
            rrn=record.rrn,
            arn=record.arn,
            is_owed=record.expected,
        )


def _last_days(lines: Iterable[SettlementLine]) -> dict[str, date]:
    """Return the latest settlement day of each MID."""
    days: dict[str, date] = {}
    for line in lines:
        days[line.mid] = max(line.settled_on, days.get(line.mid, line.settled_on))
    return days
