"""The register of archived months, and the entries of the audit log that leave the database with them."""

from collections.abc import Sequence
from typing import Protocol

from domain.audit.archive_manifest import SealedMonth
from domain.audit.archive_month import ArchiveMonth
from domain.errors import DomainError
from domain.identifiers import PaymentId
from ports.audit_log import AuditEntry


class DropRefused(DomainError):
    """The database keeps entries of the audit log that were to be dropped; the message says why."""


class ArchiveRegister(Protocol):
    async def months(self) -> Sequence[SealedMonth]:
        """Return all months that were ever exported, the earliest first. Raises ``StorageUnavailable``."""
        ...

    async def record(self, month: SealedMonth, was: SealedMonth | None, audit: AuditEntry) -> None:
        """
        Write *month* in the place of *was*, or as a new one, together with an entry of the audit log.

        When it was verified, ended and deleted the register says by its own clock. Raises ``ChangedMeanwhile`` when
        *was* is not what is written any more, and ``DropRefused`` when its file has to be kept still.
        """
        ...

    async def note(self, month: ArchiveMonth, span: range) -> None:
        """
        Note what the entries with leaves in *span* are about: the file of *month* is found by it.

        To note it twice is to note it once. A *span* of nothing says that all of the month is noted.
        """
        ...

    async def months_about(self, subject: str) -> Sequence[SealedMonth]:
        """Return the months in which *subject* was noted, and those of which not all is noted, the earliest first."""
        ...

    async def held(self, span: range) -> Sequence[PaymentId]:
        """Return the payments under legal hold that entries with leaves in *span* are about."""
        ...

    async def held_in_file(self, month: ArchiveMonth) -> Sequence[PaymentId]:
        """Return the payments under legal hold that the file of *month* may hold entries about."""
        ...

    async def drop(self, span: range) -> int:
        """
        Delete the entries with leaves in *span*, all or none; return how many there were still.

        Leaves and checkpoints stay. Raises ``DropRefused`` unless they are of a month that is verified, with its
        time of grace over, more than a year old, and about no payment under legal hold.
        """
        ...
