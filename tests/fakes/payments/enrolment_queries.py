"""Enrolments in memory, as the platform asks for them."""

import asyncio
from dataclasses import dataclass

from fakes.store import Store
from ports.payments.enrolment_queries import (
    EnrolmentCursor,
    EnrolmentFilter,
    EnrolmentPage,
    EnrolmentView,
)


@dataclass(frozen=True, slots=True)
class MemoryEnrolmentQueries:
    store: Store

    async def find(
        self, wanted: EnrolmentFilter, *, after: EnrolmentCursor | None = None, at_most: int
    ) -> EnrolmentPage:
        await asyncio.sleep(0)
        found = [
            EnrolmentView(
                payment=payment,
                student=row.student,
                course=row.course,
                started_at=row.since,
                ended_at=row.until,
            )
            for payment, row in self.store.enrolments.items()
            if wanted.student in {None, row.student} and wanted.course in {None, row.course}
        ]
        found.sort(key=lambda each: (each.changed_at, each.payment))
        if after is not None:
            behind = (after.changed_at, after.payment)
            found = [each for each in found if (each.changed_at, each.payment) > behind]
        elif wanted.changed_from is not None:
            found = [each for each in found if each.changed_at >= wanted.changed_from]
        items = found[:at_most]
        more = len(found) > at_most
        last = EnrolmentCursor(items[-1].changed_at, items[-1].payment) if more else None
        return EnrolmentPage(items, last)
