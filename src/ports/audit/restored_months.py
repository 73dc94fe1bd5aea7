"""Months that were taken out of the archive again, in tables beside what is on record, for questions in SQL."""

from collections.abc import Sequence
from typing import Protocol

from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine


class RestoredMonths(Protocol):
    async def add(self, month: ArchiveMonth, first: int, lines: Sequence[bytes]) -> None:
        """Keep *lines* of *month* whose leaves follow each other from *first* on; one that is there stays."""
        ...

    async def remove(self, month: ArchiveMonth) -> int:
        """Take all lines of *month* away again; return how many there were."""
        ...

    async def add_records(self, month: ArchiveMonth, rows: Sequence[RecordLine]) -> None:
        """Keep *rows* of *month*; one that is there stays."""
        ...

    async def remove_records(self, kind: RecordKind, month: ArchiveMonth) -> int:
        """Take all rows of *kind* in *month* away again; return how many there were."""
        ...
