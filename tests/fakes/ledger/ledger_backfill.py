"""The back-fill in memory: what production's statements post, worked out fact by fact."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.business_day import business_day_of
from domain.identifiers import PaymentId
from domain.ledger.journal import Journal, JournalKind
from domain.ledger.payment_postings import document_journal, is_in_rupees, refund_journals
from domain.ledger.postings import post_capture
from domain.payments.payment import Payment
from domain.payments.refund_news import RefundMove
from domain.reconciliation.expectation import Expectation, expected_by
from fakes.ledger.journal_writes import MemoryJournalWrites
from fakes.store import BackfillPass, Change, ExpectationRow, Store

FIRST_PASS: Final = 1


@dataclass(frozen=True, slots=True)
class MemoryLedgerBackfill:
    store: Store

    async def batch(self, at: datetime, *, at_most: int) -> int:
        await asyncio.sleep(0)
        due = [number for number, each in self._open() if each.due_at <= at]
        if not due:
            return 0
        known = self.store.backfill[due[0]]
        later = sorted(each for each in self.store.payments if each > known.after)[:at_most]
        changes: list[Change] = []
        writes = MemoryJournalWrites(changes)
        for payment in later:
            for journal in self._missing(self.store.payments[payment], at):
                writes.post(journal, at)
        self.store.apply(changes)
        self._expect({*later})
        self.store.backfill[due[0]] = replace(
            known,
            after=later[-1] if later else known.after,
            finished_at=at if len(later) < at_most else None,
        )
        return len(later)

    async def begin(self, at: datetime) -> None:
        await asyncio.sleep(0)
        for number, each in self._open():
            self.store.backfill[number] = replace(each, due_at=min(each.due_at, at))
            return
        self.store.backfill[len(self.store.backfill) + FIRST_PASS] = BackfillPass(due_at=at)

    async def unfinished(self) -> int:
        await asyncio.sleep(0)
        return len(list(self._open()))

    def _expect(self, payments: set[PaymentId]) -> None:
        """Put what the journals let the bank owe of *payments* right, whatever was expected of them."""
        owed: dict[tuple[PaymentId, str], Expectation] = {}
        for each in self.store.journals.values():
            journal = Journal(key=each.key, day=each.day, entries=tuple(each.entries))
            expected = None if each.reverses else expected_by(journal)
            if expected is None or expected.payment not in payments:
                continue
            known = owed.get(key := (expected.payment, expected.refund))
            owed[key] = (
                expected if known is None else replace(known, amount=known.amount + expected.amount)
            )
        for key, expected in owed.items():
            row = self.store.expectations.get(key)
            self.store.expectations[key] = (
                replace(row, expected=expected) if row else ExpectationRow(expected=expected)
            )

    def _open(self) -> Iterator[tuple[int, BackfillPass]]:
        for number, each in sorted(self.store.backfill.items()):
            if each.finished_at is None:
                yield number, each

    def _missing(self, payment: Payment, at: datetime) -> Iterator[Journal]:
        """Yield what *payment* posts; what was posted before is left as it is when it is written."""
        applied = payment.id in self.store.enrolments
        posted = any(
            each.key.kind is JournalKind.CAPTURE and each.key.subject == payment.id
            for each in self.store.journals.values()
        )
        found: list[Journal | None] = []
        if payment.capture and is_in_rupees(payment):
            if not posted:
                found.append(
                    post_capture(
                        payment.id,
                        payment.captured,
                        business_day_of(payment.capture.at),
                        applied=applied,
                        reference=payment.capture.bank_txn_id,
                    )
                )
            for refund in payment.refunds:
                found += refund_journals(payment, RefundMove(refund, None), applied=applied, at=at)
        about = [
            each
            for each in self.store.documents
            if each.document.particulars.payment.order == payment.id
        ]
        for place, each in enumerate(about):
            journal = document_journal(each.document.particulars, about[:place])
            found.append(replace(journal, reference=str(each.document.number)))
        yield from (journal for journal in found if journal)
