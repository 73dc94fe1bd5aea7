"""What staff see of refunds, out of memory."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import NotFound
from domain.identifiers import PaymentId, RefundId
from domain.money import CURRENCY, Money
from domain.payments.adjustment import NO_ADJUSTMENT
from domain.payments.dispute import open_disputes
from domain.payments.dispute_state import DisputeState
from domain.payments.payment import Payment
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState
from fakes.store import Store
from ports.refunds.refund_queries import (
    DisputeCursor,
    DisputedPayment,
    DisputePage,
    DisputeView,
    EndedRefund,
    EndedRefundPage,
    OpenRefund,
    RefundCursor,
    RefundPage,
    StaffPaymentView,
    StaffRefundView,
)


@dataclass(frozen=True, slots=True)
class MemoryRefundQueries:
    store: Store

    async def in_flight(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> RefundPage:
        await asyncio.sleep(0)
        found = sorted(
            (refund.asked_at, payment.id, refund.id)
            for payment in self.store.payments.values()
            for refund in payment.refunds
            if refund.state.is_in_flight and state in {None, refund.state}
        )
        if after is not None:
            behind = (after.asked_at, after.payment, after.refund)
            found = [each for each in found if each > behind]
        shown = [self._get(payment, refund) for _, payment, refund in found[:at_most]]
        last = shown[-1] if len(found) > at_most else None
        return RefundPage(
            items=[_view(payment, refund) for payment, refund in shown],
            next=RefundCursor(asked_at=last[1].asked_at, payment=last[0].id, refund=last[1].id)
            if last
            else None,
        )

    async def ended(
        self, *, after: RefundCursor | None = None, state: RefundState | None = None, at_most: int
    ) -> EndedRefundPage:
        await asyncio.sleep(0)
        found = sorted(
            (
                (refund.asked_at, payment.id, refund.id)
                for payment in self.store.payments.values()
                for refund in payment.refunds
                if not refund.state.is_in_flight and state in {None, refund.state}
            ),
            reverse=True,
        )
        if after is not None:
            behind = (after.asked_at, after.payment, after.refund)
            found = [each for each in found if each < behind]
        shown = [self._get(payment, refund) for _, payment, refund in found[:at_most]]
        last = shown[-1] if len(found) > at_most else None
        return EndedRefundPage(
            items=[_ended(payment, refund) for payment, refund in shown],
            next=RefundCursor(asked_at=last[1].asked_at, payment=last[0].id, refund=last[1].id)
            if last
            else None,
        )

    async def of_payment(self, payment: PaymentId) -> StaffPaymentView:
        await asyncio.sleep(0)
        found = self.store.payments.get(payment)
        if found is None:
            raise NotFound("payment", payment)
        adjusted = found.capture.adjustment if found.capture else NO_ADJUSTMENT
        return StaffPaymentView(
            transaction_id=found.id,
            student_id=found.student.id,
            student_name=found.student.name,
            course_id=found.course,
            course_title=found.quote.course_title,
            status=found.state,
            payable=found.quote.payable.plain(),
            captured=found.captured.plain(),
            captured_currency=found.capture.currency if found.capture else CURRENCY,
            refunded=found.refunds.went_back.plain(),
            refunding=found.refunds.in_flight.plain(),
            refundable=found.refundable.plain(),
            opens_course=self.store.owner(found.student.id, found.course) == found.id,
            attention=found.review.gravest,
            review_reasons=[each.reason for each in found.review.known],
            failure_reason=found.failure,
            bank_txn_id=(found.capture.bank_txn_id or None) if found.capture else None,
            bank_reference=(found.capture.bank_reference or None) if found.capture else None,
            effective_amount=_plain(adjusted.effective),
            surcharge=_plain(adjusted.surcharge),
            offer=_plain(adjusted.offer),
            opened_at=found.opened_at,
            closed_at=found.closed_at,
            refunds=[StaffRefundView.of(each) for each in found.refunds],
            disputes=[DisputeView.of(each) for each in found.disputes],
            client_reference=found.reference_text,
            consent=found.consent,
        )

    async def disputed(
        self, *, after: DisputeCursor | None = None, state: DisputeState | None = None, at_most: int
    ) -> DisputePage:
        await asyncio.sleep(0)
        found = sorted(
            (min(each.respond_by for each in still_open), payment.id)
            for payment in self.store.payments.values()
            if (still_open := open_disputes(payment.disputes))
            and state in {None, *(each.state for each in payment.disputes)}
        )
        if after is not None:
            found = [each for each in found if each > (after.respond_by, after.payment)]
        items = [_disputed(self.store.payments[payment], by) for by, payment in found]
        return DisputePage.of(items, at_most=at_most)

    async def requested_since(self, by: str, since: datetime) -> Sequence[datetime]:
        await asyncio.sleep(0)
        return sorted(
            each.asked_at
            for each in self._all()
            if not each.outside and each.asked_by == by and each.asked_at > since
        )

    async def decided_since(self, by: str, since: datetime) -> Sequence[datetime]:
        await asyncio.sleep(0)
        return sorted(
            each.decided_at
            for each in self._all()
            if each.decided_by == by and each.decided_at is not None and each.decided_at > since
        )

    def _all(self) -> Iterator[Refund]:
        return (refund for payment in self.store.payments.values() for refund in payment.refunds)

    async def payment_of(self, refund: RefundId) -> PaymentId:
        await asyncio.sleep(0)
        for payment in self.store.payments.values():
            known = payment.refunds.find(refund)
            if known is not None and not known.outside:
                return payment.id
        raise NotFound("refund", refund)

    def _get(self, payment: PaymentId, refund: RefundId) -> tuple[Payment, Refund]:
        found = self.store.payments[payment]
        return found, found.refunds.get(refund)


def _disputed(payment: Payment, respond_by: datetime) -> DisputedPayment:
    return DisputedPayment(
        transaction_id=payment.id,
        student_id=payment.student.id,
        course_title=payment.quote.course_title,
        captured=payment.captured.plain(),
        respond_by=respond_by,
        disputes=[DisputeView.of(each) for each in payment.disputes],
    )


def _plain(amount: Money | None) -> str | None:
    return None if amount is None else amount.plain()


def _view(payment: Payment, refund: Refund) -> OpenRefund:
    return OpenRefund(
        refund_id=refund.id,
        transaction_id=payment.id,
        student_id=payment.student.id,
        course_title=payment.quote.course_title,
        amount=refund.amount.plain(),
        status=refund.state,
        reason=refund.reason,
        revoke_access=refund.revokes,
        asked_by=refund.asked_by,
        asked_at=refund.asked_at,
        decided_by=refund.decided_by or None,
        decided_at=refund.decided_at,
        arn=refund.arn or None,
    )


def _ended(payment: Payment, refund: Refund) -> EndedRefund:
    return EndedRefund(
        refund_id=refund.id,
        transaction_id=payment.id,
        student_id=payment.student.id,
        course_title=payment.quote.course_title,
        amount=refund.amount.plain(),
        status=refund.state,
        reason=refund.reason,
        made_outside=refund.outside,
        asked_by=refund.asked_by,
        asked_at=refund.asked_at,
        decided_by=refund.decided_by or None,
        decided_at=refund.decided_at,
        closed_at=refund.closed_at,
        arn=refund.arn or None,
    )
