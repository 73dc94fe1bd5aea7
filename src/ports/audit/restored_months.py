"""Months of the audit log that were taken out of the archive again, in a table beside it, for questions in SQL."""

from collections.abc import Sequence
from typing import Protocol

from domain.audit.archive_month import ArchiveMonth


class RestoredMonths(Protocol):
    async def add(self, month: ArchiveMonth, first: int, lines: Sequence[bytes]) -> None:
        """Keep *lines* of *month* whose leaves follow each other from *first* on; one that is there stays."""
        ...

    async def remove(self, month: ArchiveMonth) -> int:
        """Take all lines of *month* away again; return how many there were."""
        ...
