"""Hand out all that is kept of one student (DPDP Act 2023, s.11); who asked for it is written down."""

from dataclasses import dataclass

from domain.errors import NotFound
from domain.identifiers import StudentId
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.privacy.personal_records import PersonalRecord, PersonalRecords
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ExportPersonalData:
    records: PersonalRecords
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, student: StudentId, origin: Origin) -> PersonalRecord:
        """Return all that is kept of *student*, or raise ``NotFound``; the audit log says who asked."""
        record = await self.records.everything_of(student)
        if not record.payments and not record.facts:
            raise NotFound("student", student)
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="personal_data.exported",
                    subject=f"person:{student}",
                    facts={"payments": str(len(record.payments))},
                )
            )
        return record
