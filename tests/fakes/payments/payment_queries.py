"""What students see of their payments, out of memory."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.catalogue.course import CourseId
from domain.catalogue.quote import Quote
from domain.errors import NotFound
from domain.identifiers import PaymentId, StudentId
from domain.payments.payment import Payment
from domain.payments.payment_method import paid_by
from domain.payments.payment_state import State
from domain.payments.retry import RetryStanding
from fakes.store import Store
from ports.documents.document_renderer import Copy
from ports.payments.payment_queries import (
    HistoryCursor,
    HistoryItem,
    HistoryPage,
    PaymentView,
    PriceView,
    RefundView,
    StatusView,
    TimelineStep,
)

TIMELINE_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class MemoryPaymentQueries:
    store: Store

    async def status(self, payment: PaymentId, student: StudentId) -> StatusView:
        await asyncio.sleep(0)
        found = self.store.payments.get(payment)
        if found is None or found.student.id != student:
            raise NotFound("payment", payment)
        order = found.gateway_order
        return StatusView(
            transaction_id=found.id,
            order_id=found.id,
            status=found.state,
            payable=found.quote.payable.plain(),
            breakdown=_price(found.quote),
            enrolled=self.store.owner(student, found.course) is not None,
            failure_reason=found.failure,
            needs_attention=bool(found.review),
            timeline=self._timeline(payment),
            course_id=found.course,
            course_title=found.quote.course_title,
            payment_url=order.payment_url if order else None,
            expires_at=found.expires_at,
            retry_until=self._standing(found).until,
            retry_of=found.retry.of if found.retry else None,
            retried_as=found.retried_as,
            refunded=found.refunds.went_back.plain(),
            refunds=RefundView.all_of(found.refunds),
            invoice_number=next(iter(self._on_file(payment, credits_it=False)), None),
            credit_note_numbers=self._on_file(payment, credits_it=True),
            client_reference=found.reference_text,
        )

    async def details(self, payment: PaymentId, student: StudentId) -> PaymentView:
        await asyncio.sleep(0)
        found = self.store.payments.get(payment)
        if found is None or found.student.id != student:
            raise NotFound("payment", payment)
        quote, buyer, capture = found.quote, found.buyer, found.capture
        return PaymentView(
            opened_at=found.opened_at,
            list_price=quote.list_price.plain(),
            discount=quote.discount.plain(),
            discount_code=quote.discount_code,
            taxable=quote.taxable.plain(),
            cgst=quote.cgst.plain(),
            sgst=quote.sgst.plain(),
            igst=quote.igst.plain(),
            payable=quote.payable.plain(),
            second_tax=quote.second_tax,
            gst_rate=f"{quote.gst_rate.percent.normalize():f}",
            exempt=quote.exempt,
            buyer_name=buyer.name,
            buyer_state=buyer.state.name,
            buyer_gstin=str(buyer.gstin) if buyer.gstin else None,
            buyer_address=buyer.address,
            method=paid_by(capture.instrument) if capture else "",
            bank_reference=capture.bank_reference if capture else "",
            asked_at=self.store.asked_at.get(payment),
        )

    async def open_courses(self, student: StudentId) -> Mapping[CourseId, PaymentId]:
        await asyncio.sleep(0)
        return {
            place.course: payment
            for payment, place in self.store.enrolments.items()
            if place.student == student and place.until is None
        }

    def _on_file(self, payment: PaymentId, *, credits_it: bool) -> list[str]:
        filed = {number for _, number, copy in self.store.filings if copy is Copy.ORIGINAL}
        documents = [
            each.document
            for each in self.store.documents
            if each.document.particulars.payment.order == payment and each.cancelled is None
        ]
        numbers = [str(each.number) for each in documents if each.kind.credits is credits_it]
        return [number for number in numbers if number in filed]

    async def history(
        self,
        student: StudentId,
        *,
        after: HistoryCursor | None = None,
        states: Collection[State] | None = None,
        opened_from: datetime | None = None,
        opened_before: datetime | None = None,
        at_most: int,
    ) -> HistoryPage:
        await asyncio.sleep(0)
        behind = (after.opened_at, after.payment) if after else None
        mine = [
            payment
            for payment in self.store.payments.values()
            if payment.student.id == student
            and (states is None or payment.state in states)
            and (opened_from is None or payment.opened_at >= opened_from)
            and (opened_before is None or payment.opened_at < opened_before)
            and (behind is None or (payment.opened_at, payment.id) < behind)
        ]
        mine.sort(key=lambda payment: (payment.opened_at, payment.id), reverse=True)
        shown = mine[:at_most]
        more = len(mine) > at_most
        return HistoryPage(
            items=[self._item(payment) for payment in shown],
            next=HistoryCursor(shown[-1].opened_at, shown[-1].id) if more else None,
        )

    def _standing(self, found: Payment) -> RetryStanding:
        heir = self.store.payments[found.retried_as] if found.retried_as else None
        retried = heir is not None and not heir.may_be_replaced
        return replace(found.retry_standing, retried=retried)

    def _timeline(self, payment: PaymentId) -> list[TimelineStep]:
        return [
            TimelineStep(at=entry.at, state=entry.to_state, source=entry.origin.source)
            for entry in self.store.audit
            if entry.subject == payment and entry.to_state is not None
        ][:TIMELINE_MAX]

    def _item(self, payment: Payment) -> HistoryItem:
        quote = payment.quote
        return HistoryItem(
            transaction_id=payment.id,
            course_id=payment.course,
            course_title=quote.course_title,
            status=payment.state,
            list_price=quote.list_price.plain(),
            discount=quote.discount.plain(),
            payable=quote.payable.plain(),
            opened_at=payment.opened_at,
            closed_at=payment.closed_at,
            failure_reason=payment.failure,
            refunded=payment.refunds.went_back.plain(),
            refunds=RefundView.all_of(payment.refunds),
            invoice_number=next(iter(self._on_file(payment.id, credits_it=False)), None),
            client_reference=payment.reference_text,
        )


def _price(quote: Quote) -> PriceView:
    return PriceView(
        list_price=quote.list_price.plain(),
        discount=quote.discount.plain(),
        discount_code=quote.discount_code,
        taxable=quote.taxable.plain(),
        cgst=quote.cgst.plain(),
        sgst=quote.sgst.plain(),
        igst=quote.igst.plain(),
        payable=quote.payable.plain(),
        second_tax=quote.second_tax,
        gst_rate=f"{quote.gst_rate.percent.normalize():f}",
    )
