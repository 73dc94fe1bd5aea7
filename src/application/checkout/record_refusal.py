"""A refused request to pay is written to the audit log too: who asked, from where, and why it was refused."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.errors import DomainError
from domain.identifiers import StudentId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.unit_of_work import StorageUnavailable, UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordRefusal:
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(
        self, student: StudentId, refusal: DomainError, origin: Origin, *, course: str = ""
    ) -> None:
        """Write one audit line; *course* is an id that was checked, empty when none was read."""
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

    @asynccontextmanager
    async def around(
        self, student: StudentId, origin: Origin, *, course: str = ""
    ) -> AsyncGenerator[None]:
        """Write an audit line for the refusal that ends the block, unless the storage is unavailable."""
        try:
            yield
        except StorageUnavailable:
            raise
        except DomainError as refusal:
            await self(student, refusal, origin, course=course)
            raise
