"""Places in courses, in memory: one per student and course, one per payment."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from domain.payments.payment import Payment
from fakes.store import Change, Enrolment, Store


@dataclass(frozen=True, slots=True)
class MemoryEnrolments:
    store: Store
    changes: list[Change]

    async def opened_by(self, payment: PaymentId) -> bool:
        await asyncio.sleep(0)
        return payment in self.store.enrolments

    def enrol(self, payment: Payment, at: datetime) -> None:
        def change(store: Store) -> None:
            student, course = payment.student.id, payment.course
            if payment.id in store.enrolments or store.owner(student, course):
                raise ChangedMeanwhile("enrolment")
            store.enrolments[payment.id] = Enrolment(student=student, course=course, since=at)

        self.changes.append(change)

    def leave(self, payment: Payment, at: datetime) -> None:
        def change(store: Store) -> None:
            place = store.enrolments.get(payment.id)
            if place and place.until is None:
                store.enrolments[payment.id] = replace(place, until=at)

        self.changes.append(change)
