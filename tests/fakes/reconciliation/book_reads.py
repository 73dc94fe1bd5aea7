"""The books out of memory."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.business_day import business_day_of
from domain.identifiers import PaymentId, RefundId
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from fakes.store import Store
from ports.reconciliation.book_reads import BookRecord


@dataclass(frozen=True, slots=True)
class MemoryBookReads:
    store: Store

    async def settleable(self, first: date, last: date) -> Sequence[BookRecord]:
        await asyncio.sleep(0)
        return [
            record
            for record in self._all()
            if _counts(record) and first <= business_day_of(record.at) <= last
        ]

    async def named(
        self, payments: Collection[PaymentId], refunds: Collection[RefundId]
    ) -> Sequence[BookRecord]:
        await asyncio.sleep(0)
        wanted = {*payments, *(each.payment_id for each in self._all() if each.id in refunds)}
        return [each for each in self._all() if each.payment_id in wanted]

    def _all(self) -> list[BookRecord]:
        found = [each for payment in self.store.payments.values() for each in _records(payment)]
        return sorted(
            (each for each in found if each.amount), key=lambda each: (each.payment_id, each.id)
        )


def _counts(record: BookRecord) -> bool:
    if isinstance(record.state, State):
        return record.state.is_sold
    return record.state is RefundState.SUCCESS


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
        )
