"""An attempt to pay that was refused leaves a line too: who tried, from where, and why not."""

from dataclasses import dataclass

from domain.errors import DomainError
from domain.identifiers import StudentId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordRefusal:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self, student: StudentId, refusal: DomainError, origin: Origin, *, course: str = ""
    ) -> None:
        """Write one audit line; *course* is an id that was checked, empty when it never came to that."""
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="payment.refused",
                    subject=f"student:{student}",
                    facts={"course": course, "refusal": type(refusal).__name__},
                )
            )
