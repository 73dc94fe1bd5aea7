"""The books out of memory."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.identifiers import PaymentId, RefundId
from domain.payments.payment import Payment
from domain.reconciliation.reported import LineRef
from domain.settlements.settlement_line import LineState, LineType
from domain.settlements.settlement_report import ReportState
from fakes.store import ExpectationRow, Store
from ports.reconciliation.book_reads import BookRecord

RESERVE = (LineType.RESERVE_HOLD, LineType.RESERVE_RELEASE)


@dataclass(frozen=True, slots=True)
class MemoryBookReads:
    store: Store

    async def settleable(self, first: date, last: date) -> Sequence[BookRecord]:
        await asyncio.sleep(0)
        return [each for each in self.all() if self._is_expected(each, first, last)]

    async def unsettled(self, last: date) -> Sequence[BookRecord]:
        await asyncio.sleep(0)
        return [
            each
            for each in self.all()
            if each.settled_by is None and self._is_expected(each, date.min, last)
        ]

    async def settled_in(self, files: Collection[str]) -> Sequence[BookRecord]:
        await asyncio.sleep(0)
        return [each for each in self.all() if each.settled_by and each.settled_by.file in files]

    async def named(
        self, payments: Collection[PaymentId], refunds: Collection[RefundId]
    ) -> Sequence[BookRecord]:
        await asyncio.sleep(0)
        wanted = {*payments, *(each.payment_id for each in self.all() if each.id in refunds)}
        return [each for each in self.all() if each.payment_id in wanted]

    async def reserve_held(self, apart_from: Collection[LineRef]) -> Mapping[str, int]:
        await asyncio.sleep(0)
        held: Counter[str] = Counter()
        for row in self.store.settlement_lines.values():
            report = self.store.settlements[row.file, row.settlement]
            posted = report.state is ReportState.LIVE and report.journal is not None
            counts = row.state is LineState.LIVE and posted and not row.told.line.on_hold
            if row.told.line.line_type in RESERVE and counts and row.place not in apart_from:
                held[row.told.line.mid] -= row.reported.gross_paise
        return held

    def all(self) -> list[BookRecord]:
        """Return every record in the order of the ids."""
        found = [
            self._with_expectation(each)
            for payment in self.store.payments.values()
            for each in _records(payment)
        ]
        return sorted(
            (each for each in found if each.amount), key=lambda each: (each.payment_id, each.id)
        )

    def _row(self, record: BookRecord) -> ExpectationRow | None:
        refund = "" if record.id == record.payment_id else record.id
        return self.store.expectations.get((record.payment_id, refund))

    def _is_expected(self, record: BookRecord, first: date, last: date) -> bool:
        row = self._row(record)
        return row is not None and first <= row.expected.day <= last

    def _with_expectation(self, record: BookRecord) -> BookRecord:
        row = self._row(record)
        if row is None:
            return record
        return replace(record, expected=True, settled_by=row.settled_by)


def _records(payment: Payment) -> Iterator[BookRecord]:
    capture = payment.capture
    method = capture.instrument.method or None if capture else None
    yield BookRecord(
        id=payment.id,
        payment_id=payment.id,
        amount=capture.amount if capture else payment.quote.payable,
        at=capture.at if capture else payment.closed_at or payment.opened_at,
        state=payment.state,
        method=method,
        rrn=(capture.bank_reference or None) if capture else None,
        client_reference=payment.reference_text,
    )
    for refund in payment.refunds:
        yield BookRecord(
            id=refund.id,
            payment_id=payment.id,
            amount=refund.amount,
            at=refund.closed_at or refund.accepted_at or refund.asked_at,
            state=refund.state,
            method=method,
            rrn=refund.bank_reference or None,
            arn=refund.arn or None,
            client_reference=payment.reference_text,
        )
