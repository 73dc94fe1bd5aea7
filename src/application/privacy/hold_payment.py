"""Place a legal hold on a payment, and release it: under one nothing of the payment is erased."""

from dataclasses import dataclass

from domain.identifiers import PaymentId
from domain.payments.refund import check_reason
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.privacy.personal_records import PersonalRecords
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class HoldPayment:
    records: PersonalRecords
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, payment: PaymentId, reason: str, origin: Origin) -> None:
        """Hold *payment*. Raises ``NotFound``, ``ReasonRefused`` and ``CardNumberRefused``."""
        check_reason(reason)
        async with self.unit_of_work() as work:
            await work.payments.repository.get(payment)
        await self.records.hold(payment, self._entry(payment, "legal_hold.placed", reason, origin))

    async def release(self, payment: PaymentId, reason: str, origin: Origin) -> None:
        """End the hold of *payment*. Raises ``NotFound``, ``ReasonRefused`` and ``CardNumberRefused``."""
        check_reason(reason)
        entry = self._entry(payment, "legal_hold.released", reason, origin)
        await self.records.release(payment, entry)

    def _entry(self, payment: PaymentId, action: str, reason: str, origin: Origin) -> AuditEntry:
        return AuditEntry(
            at=self.clock.now(),
            origin=origin,
            action=action,
            subject=payment,
            facts={"reason": reason},
        )
