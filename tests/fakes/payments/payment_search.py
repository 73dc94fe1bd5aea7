"""Payments found for staff, out of memory."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from domain.payments.payment import Payment
from domain.payments.search_term import SearchTerm
from domain.text.email_address import masked_email
from fakes.store import Store
from ports.payments.payment_queries import HistoryCursor
from ports.payments.payment_search import FoundPayment, FoundPayments, PaymentFilter


@dataclass(frozen=True, slots=True)
class MemoryPaymentSearch:
    store: Store

    async def find(
        self, wanted: PaymentFilter, *, after: HistoryCursor | None = None, at_most: int
    ) -> FoundPayments:
        await asyncio.sleep(0)
        behind = (after.opened_at, after.payment) if after else None
        found = [
            payment
            for payment in self.store.payments.values()
            if self._meets(payment, wanted)
            and (behind is None or (payment.opened_at, payment.id) < behind)
        ]
        found.sort(key=lambda payment: (payment.opened_at, payment.id), reverse=True)
        shown = found[:at_most]
        more = len(found) > at_most
        return FoundPayments(
            items=[_found(payment) for payment in shown],
            next=HistoryCursor(shown[-1].opened_at, shown[-1].id) if more else None,
        )

    def _meets(self, payment: Payment, wanted: PaymentFilter) -> bool:
        payable = payment.quote.payable
        return (
            (wanted.term is None or self._is_named(payment, wanted.term))
            and (wanted.opened_from is None or payment.opened_at >= wanted.opened_from)
            and (wanted.opened_before is None or payment.opened_at < wanted.opened_before)
            and (wanted.state is None or payment.state is wanted.state)
            and (wanted.lowest is None or payable >= wanted.lowest)
            and (wanted.highest is None or payable <= wanted.highest)
        )

    def _is_named(self, payment: Payment, term: SearchTerm) -> bool:
        student = payment.student
        return (
            term.text in self._names(payment)
            or (bool(term.email) and student.email.lower() == term.email)
            or (bool(student.phone) and student.phone in term.phones)
        )

    def _names(self, payment: Payment) -> Iterator[str]:
        yield payment.id
        yield payment.student.id
        if payment.client_reference is not None:
            yield payment.client_reference.text
        if payment.capture is not None:
            yield payment.capture.bank_txn_id
            yield payment.capture.bank_reference
        for refund in payment.refunds:
            if not refund.outside:
                yield refund.id
            yield from (each for each in (refund.arn, refund.bank_reference) if each)
        for row in self.store.documents:
            if row.document.particulars.payment.order == payment.id:
                yield str(row.document.number)


def _found(payment: Payment) -> FoundPayment:
    return FoundPayment(
        transaction_id=payment.id,
        student_id=payment.student.id,
        student_name=payment.student.name,
        student_email=masked_email(payment.student.email),
        course_id=payment.course,
        course_title=payment.quote.course_title,
        status=payment.state,
        payable=payment.quote.payable.plain(),
        refunded=payment.refunds.went_back.plain(),
        refunding=payment.refunds.in_flight.plain(),
        method=(payment.capture.instrument.method or None) if payment.capture else None,
        failure_reason=payment.failure,
        under_review=bool(payment.review),
        opened_at=payment.opened_at,
        closed_at=payment.closed_at,
        client_reference=payment.reference_text,
    )
