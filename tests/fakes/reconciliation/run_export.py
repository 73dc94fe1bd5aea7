"""What a run and its range came to, out of memory: a snapshot of what was there when it was opened."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.identifiers import PaymentId
from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.payout import CreditOutcome, CreditPart
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.reconciliation.run import Run
from domain.reconciliation.taxonomy import Subject
from domain.settlements.settlement_report import ReportState
from fakes.reconciliation.book_reads import MemoryBookReads
from fakes.reconciliation.resolution_register import resolutions_of
from fakes.settlements.stored import EntryRow, ReportRow
from fakes.store import Store
from ports.reconciliation.book_reads import BookRecord
from ports.reconciliation.run_export import (
    ExportedCredit,
    ExportedDiscrepancy,
    ExportedExpectation,
    ExportedJournal,
    ExportedMatch,
    ExportedSettlement,
)
from ports.settlements.bank_statements import StoredEntry

OF_PAYMENTS: Final = frozenset(
    {
        JournalKind.INVOICE,
        JournalKind.CAPTURE,
        JournalKind.REFUND_ASKED,
        JournalKind.REFUND_PAID,
        JournalKind.CREDIT_NOTE,
        JournalKind.REVERSAL,
    }
)


@dataclass(frozen=True, slots=True)
class MemoryRunExport:
    store: Store
    run: Run

    async def settlements(self) -> AsyncIterator[ExportedSettlement]:
        for row in sorted(
            self._scope(), key=lambda each: (each.totals.settled_on, each.totals.key)
        ):
            await asyncio.sleep(0)
            credited = sum(
                each.amount_paise
                for each in self.store.credits.values()
                if each.settlement == row.totals.key
            )
            yield ExportedSettlement(
                file=row.file,
                file_name=self.store.settlement_files[row.file].file.received.name,
                totals=row.totals,
                state=row.state,
                net=row.net,
                credited=Money(credited),
                payout=row.payout,
                posted_at=row.posted_at,
            )

    async def matched(self) -> AsyncIterator[ExportedMatch]:
        for record, day in self._books():
            await asyncio.sleep(0)
            line = self._line(record.settled_by)
            if line and day >= self.run.first and self._was_posted(line):
                yield ExportedMatch(record=record, day=day, line=line)

    async def expected(self) -> AsyncIterator[ExportedExpectation]:
        assert self.run.as_of
        for record, day in self._books():
            await asyncio.sleep(0)
            line = self._line(record.settled_by)
            was_open = line is None or (day >= self.run.first and not self._was_posted(line))
            if was_open and record.at <= self.run.as_of:
                yield ExportedExpectation(record=record, day=day)

    async def discrepancies(self) -> AsyncIterator[ExportedDiscrepancy]:
        for each in sorted(self._seen(), key=lambda each: (each.first_found_at, each.id)):
            await asyncio.sleep(0)
            decisions = resolutions_of(self.store, each.id)
            lines = each.finding.lines
            yield ExportedDiscrepancy(
                discrepancy=each,
                decision=decisions[-1] if decisions else None,
                line=self._line(lines[0]) if lines else None,
                payment=self._payment_of_refund(each),
                client_reference=self._reference(each),
            )

    async def credits(self) -> AsyncIterator[ExportedCredit]:
        rows = self.store.bank_entries.values()
        for row in sorted(rows, key=lambda each: (each.entry.booked_on, each.account, each.key)):
            for part in self._parts(row):
                await asyncio.sleep(0)
                yield ExportedCredit(
                    account=row.account, entry=row.entry, outcome=row.outcome, part=part
                )

    async def journals(self) -> AsyncIterator[ExportedJournal]:
        settlements = {each.totals.key for each in self._scope()}
        subjects = settlements | {each.id for each in self._seen()}
        subjects |= {
            each.entry for each in self.store.credits.values() if each.settlement in settlements
        }
        about = {
            number
            for number, each in self.store.journals.items()
            if each.key.subject in subjects and each.key.kind not in OF_PAYMENTS
        }
        wanted = [
            each
            for number, each in self.store.journals.items()
            if number in about or each.reverses in about
        ]
        for each in sorted(wanted, key=lambda each: (each.posted_on, each.number)):
            await asyncio.sleep(0)
            yield ExportedJournal(
                number=each.number,
                key=each.key,
                day=each.day,
                posted_on=each.posted_on,
                reference=each.reference,
                reverses=each.reverses,
                entries=tuple(each.entries),
            )

    def _scope(self) -> list[ReportRow]:
        assert self.run.summary
        taken = {(each.sha256, each.settlement) for each in self.run.summary.files}
        return [
            row
            for place, row in self.store.settlements.items()
            if row.state is not ReportState.REPEATED
            and (
                place in taken
                or any(self.run.first <= day <= self.run.last for day in row.sales_days)
            )
        ]

    def _seen(self) -> list[Discrepancy]:
        at = self.run.ended_at
        assert at
        return [
            each
            for each in self.store.discrepancies.values()
            if each.first_found_at <= at <= each.last_found_at
        ]

    def _books(self) -> Iterator[tuple[BookRecord, date]]:
        """Yield the expectations up to the last day that no discrepancy of the run is about."""
        told = {entry for each in self._seen() for entry in each.finding.entries}
        found = []
        for record in MemoryBookReads(self.store).all():
            refund = "" if record.id == record.payment_id else record.id
            row = self.store.expectations.get((record.payment_id, refund))
            if row and row.expected.day <= self.run.last and record.id not in told:
                found.append((record, row.expected.day))
        found.sort(key=lambda pair: (pair[1], pair[0].payment_id, pair[0].id))
        yield from found

    def _line(self, place: LineRef | None) -> ReportedLine | None:
        row = self.store.settlement_lines.get(place) if place else None
        return row.reported if row else None

    def _was_posted(self, line: ReportedLine) -> bool:
        at = next(
            row.posted_at
            for (file, settlement), row in self.store.settlements.items()
            if (file, settlement) == (line.file, line.settlement)
        )
        assert at
        assert self.run.ended_at
        return at <= self.run.ended_at

    def _payment_of_refund(self, discrepancy: Discrepancy) -> PaymentId | None:
        if discrepancy.finding.subject is not Subject.REFUND:
            return None
        return next(
            (
                payment.id
                for payment in self.store.payments.values()
                for refund in payment.refunds
                if refund.id == discrepancy.finding.ref
            ),
            None,
        )

    def _reference(self, discrepancy: Discrepancy) -> str | None:
        lines, ref = discrepancy.finding.lines, discrepancy.finding.ref
        line = self._line(lines[0]) if lines else None
        told = self._payment_of_refund(discrepancy) or (line.line.payment_id if line else None)
        about = PaymentId(ref) if discrepancy.finding.subject is Subject.PAYMENT else told
        payment = self.store.payments.get(about) if about else None
        return payment.reference_text if payment else None

    def _parts(self, row: EntryRow) -> Iterable[CreditPart | None]:
        entry = StoredEntry(account=row.account, key=row.key, entry=row.entry).credit.entry
        settlements = {each.totals.key for each in self._scope()}
        paid = sorted(
            (each for each in self.store.credits.values() if each.entry == entry),
            key=lambda each: each.settlement,
        )
        booked = self.run.first <= row.entry.booked_on <= self.run.last
        found = entry in {each.finding.ref for each in self._seen()}
        if found or (booked and row.outcome is not CreditOutcome.NOT_OURS):
            return paid or [None]
        return [each for each in paid if each.settlement in settlements]


@dataclass(frozen=True, slots=True)
class MemoryRunExports:
    store: Store

    @asynccontextmanager
    async def __call__(self, run: Run) -> AsyncIterator[MemoryRunExport]:
        yield MemoryRunExport(self.store.copied(), run)
