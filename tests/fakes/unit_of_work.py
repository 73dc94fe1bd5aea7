"""One unit of work in memory: reads as they come, then everything collected at once or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from fakes.audit_log import MemoryAudit
from fakes.catalogue.discount_book import MemoryDiscounts
from fakes.documents.document_files import MemoryFilingWrites
from fakes.documents.document_register import MemoryDocuments
from fakes.idempotency import MemoryIdempotency
from fakes.notifications.outbox import MemoryOutboxWrites
from fakes.payments.checkout_facts import MemoryInitiations
from fakes.payments.enrolment_register import MemoryEnrolments
from fakes.payments.inbox import MemoryInboxClosings
from fakes.payments.order_polls import MemoryQuestionWrites
from fakes.payments.payment_repository import MemoryPayments
from fakes.refunds.refund_polls import MemoryRefundWatchWrites
from fakes.staff.staff_register import MemoryStaff
from fakes.store import Change, Store

_inside: Final = ContextVar("inside a unit of work", default=False)


@dataclass(frozen=True, slots=True)
class MemoryWork:
    payments: MemoryPayments
    checkout_facts: MemoryInitiations
    enrolments: MemoryEnrolments
    discounts: MemoryDiscounts
    order_polls: MemoryQuestionWrites
    idempotency: MemoryIdempotency
    inbox: MemoryInboxClosings
    outbox: MemoryOutboxWrites
    documents: MemoryDocuments
    filings: MemoryFilingWrites
    staff: MemoryStaff
    refund_polls: MemoryRefundWatchWrites
    audit: MemoryAudit


@dataclass(slots=True)
class MemoryUnitOfWork:
    """
    *trouble* planned by a test is raised by the units to come, in order, before they apply.
    *afterwards* happens once, as soon as the next unit has ended.
    """

    store: Store
    gateway_failure: list[Exception] = field(default_factory=list)
    afterwards: list[Callable[[], object]] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[MemoryWork]:
        changes: list[Change] = []
        token = _inside.set(True)
        try:
            yield MemoryWork(
                payments=MemoryPayments(self.store, changes),
                checkout_facts=MemoryInitiations(self.store),
                enrolments=MemoryEnrolments(self.store, changes),
                discounts=MemoryDiscounts(changes),
                order_polls=MemoryQuestionWrites(changes),
                idempotency=MemoryIdempotency(changes),
                inbox=MemoryInboxClosings(changes),
                outbox=MemoryOutboxWrites(changes),
                documents=MemoryDocuments(self.store, changes),
                filings=MemoryFilingWrites(changes),
                staff=MemoryStaff(self.store, changes),
                refund_polls=MemoryRefundWatchWrites(changes),
                audit=MemoryAudit(changes),
            )
            # Others get a turn between deciding and applying, as they would with a network between.
            await asyncio.sleep(0)
            if self.gateway_failure:
                raise self.gateway_failure.pop(0)
            self.store.apply(changes)
        finally:
            _inside.reset(token)
            while self.afterwards:
                self.afterwards.pop(0)()


def refuse_inside_a_unit() -> None:
    """Raise when the caller holds a unit of work open: the bank is never called inside one."""
    if _inside.get():
        raise AssertionError("the bank was called inside a unit of work")
