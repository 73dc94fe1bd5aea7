"""Everything an initiation has to know, out of memory."""

import asyncio
from dataclasses import dataclass

from domain.catalogue.discount import DiscountUses
from domain.identifiers import PaymentId
from fakes.store import Store
from ports.payments.checkout_facts import CheckoutFacts, CheckoutQuery


@dataclass(frozen=True, slots=True)
class MemoryCheckoutFacts:
    store: Store

    async def read(self, query: CheckoutQuery) -> CheckoutFacts:
        await asyncio.sleep(0)
        store, code = self.store, query.code or ""
        record = store.idempotency.get(query.key) if query.key else None
        return CheckoutFacts(
            course=store.courses.get(query.course),
            discount=store.discounts.get(code),
            uses=DiscountUses(
                total=store.uses.get(code, 0),
                by_student=store.uses_by_student.get((code, query.student), 0),
            ),
            enrolled=store.owner(query.student, query.course) is not None,
            live=store.live(query.student, query.course),
            unsold=self._unsold(query),
            record=record,
            answered=store.payments.get(record.payment) if record else None,
            referenced=store.referenced(query.reference) if query.reference else None,
        )

    def _unsold(self, query: CheckoutQuery) -> PaymentId | None:
        unsold = [
            (payment.opened_at, payment.id)
            for payment in self.store.payments.values()
            if (payment.student.id, payment.course) == (query.student, query.course)
            and payment.state.is_unsold
            and payment.gateway_order is not None
            and payment.closed_at is not None
            and payment.closed_at > query.unsold_since
        ]
        return max(unsold)[1] if unsold else None
