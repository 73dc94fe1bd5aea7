"""The periods of the ledger: what is closed takes no posting any more."""

from datetime import date
from typing import Protocol

from domain.errors import DomainError
from ports.audit_log import AuditEntry


class PeriodClosed(DomainError):
    """All days up to *through* are closed already; a period closes once, and never opens again."""

    def __init__(self, through: date) -> None:
        self.through = through
        super().__init__(f"the ledger is closed through {through} already")


class LedgerPeriods(Protocol):
    async def closed_through(self) -> date | None:
        """Return the last day that is closed, None while none is."""
        ...

    async def close(self, through: date, entry: AuditEntry) -> None:
        """
        Close all days up to *through*, by the actor and at the instant of *entry*, which is written with it.

        Postings that are being written end before. Raises ``PeriodClosed``.
        """
        ...
