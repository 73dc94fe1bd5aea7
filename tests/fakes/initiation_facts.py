"""Everything an initiation has to know, out of memory."""

import asyncio
from dataclasses import dataclass

from domain.discount import DiscountUses
from fakes.store import Store
from ports.initiation_facts import InitiationFacts, InitiationQuestion


@dataclass(frozen=True, slots=True)
class MemoryInitiations:
    store: Store

    async def read(self, question: InitiationQuestion) -> InitiationFacts:
        await asyncio.sleep(0)
        store, code = self.store, question.code or ""
        record = store.idempotency.get(question.key) if question.key else None
        return InitiationFacts(
            course=store.courses.get(question.course),
            discount=store.discounts.get(code),
            uses=DiscountUses(
                total=store.uses.get(code, 0),
                by_student=store.uses_by_student.get((code, question.student), 0),
            ),
            enrolled=store.owner(question.student, question.course) is not None,
            live=store.live(question.student, question.course),
            record=record,
            answered=store.payments.get(record.payment) if record else None,
        )
