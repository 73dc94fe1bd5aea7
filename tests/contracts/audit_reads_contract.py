"""What any reader of the audit log must show; run against memory and against PostgreSQL."""

from datetime import timedelta

from contracts.storage import Storage
from domain.payments.payment_state import State
from fakes.clock import NOON
from fakes.samples import BY_STAFF, BY_STATUS
from ports.audit_log import AuditEntry


class AuditReadsContract:
    async def test_entries_are_read_as_they_were_written(self, storage: Storage) -> None:
        """
        Those about one subject alone, the newest first and no more than asked for.
        """
        moved = AuditEntry(
            at=NOON,
            origin=BY_STATUS,
            action="payment.success",
            subject="SK1",
            from_state=State.PENDING,
            to_state=State.SUCCESS,
            facts={"reason": "अ", "b": "2"},
        )
        asked = AuditEntry(
            at=NOON + timedelta(seconds=1), origin=BY_STAFF, action="refund.asked", subject="SK1"
        )
        other = AuditEntry(at=NOON, origin=BY_STAFF, action="refund.asked", subject="SK2")
        for entry in (moved, other, asked):
            async with storage.unit_of_work() as work:
                work.audit.add(entry)

        assert await storage.audit_reads.about("SK1", at_most=5) == [asked, moved]
        assert await storage.audit_reads.about("SK1", at_most=1) == [asked]
        assert await storage.audit_reads.about("SK", at_most=5) == []
