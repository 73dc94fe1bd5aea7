"""Rows that are a record, and the register of the months in which they leave the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordMonth
from domain.identifiers import PaymentId
from ports.audit_log import AuditEntry


class RecordRows(Protocol):
    """A row is on record from when it is finished; one that waits for anything is of no month yet."""

    async def first_finished(self, kind: RecordKind, since: datetime | None) -> datetime | None:
        """Return when the first row of *kind* was finished at *since* (UTC) or later. Raises ``StorageUnavailable``."""
        ...

    async def lines(
        self,
        kind: RecordKind,
        month: ArchiveMonth,
        *,
        after: RecordLine | None = None,
        at_most: int,
    ) -> Sequence[RecordLine]:
        """Return rows that were finished in *month*, in the order of their places, behind *after*."""
        ...

    async def lines_about(self, payment: PaymentId, *, at_most: int) -> Sequence[RecordLine]:
        """Return what *payment* was decided on, as far as it is in the database, in the order of places."""
        ...

    async def kept(self, payments: Collection[str]) -> Sequence[PaymentId]:
        """
        Return which of *payments* still need their rows.

        These are under legal hold, or not at their end: live, in review, polled, with a refund in flight, a dispute or
        a discrepancy that is open.
        """
        ...

    async def drop(self, kind: RecordKind, month: ArchiveMonth, *, at_most: int) -> int:
        """
        Delete the first rows of *month*, so many as *at_most*; return how many that were, 0 when none is left.

        Several may do so at once: each counts what it found, and ends when nothing is left. Raises ``DropRefused``
        unless the month is verified, with its time of grace over, and about no payment that is ``kept``.
        """
        ...


class RecordArchive(RecordRows, Protocol):
    """The rows, and the register of the months in which they leave."""

    async def months(self, kind: RecordKind) -> Sequence[RecordMonth]:
        """Return all months of *kind* that were ever exported, the earliest first."""
        ...

    async def record(self, month: RecordMonth, was: RecordMonth | None, audit: AuditEntry) -> None:
        """
        Write *month* in the place of *was*, or as a new one, together with an entry of the audit log.

        When it was verified, ended and deleted the register says by its own clock. Raises ``ChangedMeanwhile`` when
        *was* is not what is written any more, and ``DropRefused`` when its file has to be kept still.
        """
        ...

    async def held_in_file(self, kind: RecordKind, month: ArchiveMonth) -> Sequence[PaymentId]:
        """Return the payments under legal hold that the file of *month* holds rows about."""
        ...

    async def note(self, kind: RecordKind, month: ArchiveMonth, payments: Collection[str]) -> None:
        """Note that rows about *payments* are in the file of *month*; to note it twice is to note it once."""
        ...

    async def months_about(self, payment: PaymentId) -> Sequence[RecordMonth]:
        """Return the months, of all kinds, whose files hold rows about *payment*."""
        ...
