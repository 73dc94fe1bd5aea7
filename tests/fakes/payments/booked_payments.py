"""Payments beside what they were decided on, and where both differ, in memory."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.identifiers import PaymentId, RefundId
from domain.rebuild.booked_payment import BookedDocument, BookedPayment, EnrolmentState
from domain.rebuild.differences import Difference
from fakes.store import Store
from ports.notifications.outbox import OutboxTask
from ports.rebuild.booked_payments import BookedPage, KnownDifference


@dataclass(frozen=True, slots=True)
class MemoryBookedPayments:
    store: Store

    async def kept_since(self) -> datetime | None:
        await asyncio.sleep(0)
        return min((each.at for each in self.store.bases), default=None)

    async def changed_since(self, since: datetime, *, after: int = 0, at_most: int) -> BookedPage:
        await asyncio.sleep(0)
        bases = self.store.bases
        newest = {each.payment: place for place, each in enumerate(bases, start=1)}
        places = sorted(
            place
            for place in newest.values()
            if place > after and any(each.at >= since for each in bases[:place])
        )[:at_most]
        items = [_booked(self.store, bases[place - 1].payment) for place in places]
        return BookedPage(items=items, next=places[-1] if len(places) == at_most else None)

    async def named(self, payments: Sequence[PaymentId]) -> BookedPage:
        await asyncio.sleep(0)
        there = sorted(set(payments) & self.store.payments.keys())
        return BookedPage(items=[_booked(self.store, each) for each in there])


@dataclass(frozen=True, slots=True)
class MemoryDifferences:
    store: Store

    async def known(self, *, after: str = "", at_most: int) -> Sequence[KnownDifference]:
        await asyncio.sleep(0)
        behind = sorted(each for each in self.store.differences if each > after)
        return [self.store.differences[each] for each in behind[:at_most]]

    async def record(
        self,
        found: Mapping[PaymentId, Sequence[Difference]],
        healed: Sequence[PaymentId],
        at: datetime,
    ) -> None:
        await asyncio.sleep(0)
        for each in healed:
            self.store.differences.pop(each, None)
        for payment, differences in found.items():
            known = self.store.differences.get(payment)
            self.store.differences[payment] = KnownDifference(
                payment=payment,
                found_at=known.found_at if known else at,
                differences=list(differences),
            )


def _booked(store: Store, about: PaymentId) -> BookedPayment:
    payment, place = store.payments[about], store.enrolments.get(about)
    enrolment = EnrolmentState.NONE
    if place is not None:
        enrolment = EnrolmentState.OPEN if place.until is None else EnrolmentState.ENDED
    kept = [each.kept for each in store.bases if each.payment == about]
    return BookedPayment(
        payment=payment,
        refunded=payment.refunds.went_back,
        refunding=payment.refunds.in_flight,
        enrolment=enrolment,
        documents=tuple(_documents(store, about)),
        awaits_documents=_awaits(store, about),
        kept=tuple(sorted(kept, key=lambda each: each.version)),
    )


def _documents(store: Store, about: PaymentId) -> Iterator[BookedDocument]:
    for each in store.documents:
        particulars = each.document.particulars
        if particulars.payment.order == about and each.cancelled is None:
            yield BookedDocument(
                number=str(each.document.number),
                total=each.document.heads.total,
                refund=RefundId(particulars.original.refund.refund)
                if particulars.original
                else None,
            )


def _awaits(store: Store, about: PaymentId) -> bool:
    tasks = {OutboxTask.TAX_DOCUMENT, OutboxTask.CREDIT_NOTE}
    return any(
        row.payment == about and row.task in tasks and (row.state != "done" or row.why is not None)
        for row in store.outbox.values()
    ) or any(
        each.document.particulars.payment.order == about and each.cancelled is not None
        for each in store.documents
    )
