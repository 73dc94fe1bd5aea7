"""Close a period of the ledger: nothing is posted into it any more."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.business_day import business_day_of
from domain.errors import DomainError
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.ledger.ledger_periods import LedgerPeriods

SUBJECT: Final = "ledger"


class PeriodNotOver(DomainError):
    """The day *through* has not ended in India."""

    def __init__(self, through: date) -> None:
        self.through = through
        super().__init__(f"{through} is not over: a period is closed up to yesterday")


@dataclass(frozen=True, slots=True)
class CloseLedger:
    periods: LedgerPeriods
    clock: Clock

    async def __call__(self, through: date, origin: Origin) -> None:
        """
        Close all days up to *through*; the audit log says who did it.

        Raises ``PeriodNotOver`` and ``PeriodClosed``. A period that is closed is never opened again.
        """
        at = self.clock.now()
        if through >= business_day_of(at):
            raise PeriodNotOver(through)
        entry = AuditEntry(
            at=at,
            origin=origin,
            action="ledger.closed",
            subject=SUBJECT,
            facts={"through": through.isoformat()},
        )
        await self.periods.close(through, entry)
