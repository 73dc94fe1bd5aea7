"""Show a member of staff how a student is reached: lists mask it, and whoever looks is written down."""

from dataclasses import dataclass

from domain.identifiers import PaymentId
from domain.payments.payment import Student
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ShowStudent:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, payment: PaymentId, origin: Origin) -> Student:
        """Return the student as the payment keeps them, or raise ``NotFound``; the audit log says who asked."""
        async with self.unit_of_work() as work:
            student = (await work.payments.repository.get(payment)).student
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="personal_data.shown",
                    subject=payment,
                )
            )
        return student
