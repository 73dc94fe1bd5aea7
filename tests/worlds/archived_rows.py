"""Rows on record in memory over some months, and everything that archives them."""

from dataclasses import dataclass, field
from typing import Any, Final

from application.audit.archive_months import ArchiveMonths
from application.audit.archive_records import RecordMonths
from contracts.audit.archive_contract import OCTOBER
from contracts.memory_storage import MemoryStorage
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archived_month import GRACE
from domain.audit.record_kind import RecordKind
from domain.audit.record_manifest import RecordManifest
from fakes.alerts import AlertBook
from fakes.audit.archive_manifests import MemoryManifests
from fakes.audit.line_packing import PlainPacking
from fakes.audit.record_archive import MemoryRecordArchive
from fakes.clock import StoppedClock
from fakes.file_store import Shelf

DUE: Final = {
    RecordKind.INBOX: ArchiveMonth(2024, 12),
    RecordKind.OUTBOX: ArchiveMonth(2024, 1),
    RecordKind.DECISIONS: ArchiveMonth(2025, 10),
}
"""The month at whose end October 2023 is due, and the next one is not."""


@dataclass(slots=True)
class ArchivedRows:
    kind: RecordKind
    memory: MemoryStorage = field(default_factory=MemoryStorage)
    shelf: Shelf = field(default_factory=Shelf)
    manifests: MemoryManifests = field(default_factory=MemoryManifests)
    alerts: AlertBook = field(default_factory=AlertBook)
    clock: StoppedClock = field(init=False)
    files: Any = None

    def __post_init__(self) -> None:
        self.clock = StoppedClock(DUE[self.kind].end)
        self.memory.record_archive = MemoryRecordArchive(self.memory.store, self.clock.now)
        self.files = self.shelf

    @property
    def archive(self) -> ArchiveMonths[RecordManifest]:
        return ArchiveMonths(
            source=RecordMonths(self.kind, self.memory.record_archive, PlainPacking()),
            files=self.files,
            manifests=self.manifests,
            alerts=self.alerts,
            clock=self.clock,
        )

    async def run(self) -> None:
        """Take each step that is due."""
        while await self.archive():
            pass

    async def drop_all(self) -> None:
        await self.run()
        self.clock.move(GRACE)
        await self.run()

    async def states(self) -> dict[str, str]:
        found = await self.memory.record_archive.months(self.kind)
        return {str(each.month): each.state.value for each in found}

    async def left(self, month: ArchiveMonth = OCTOBER) -> list[str]:
        """Return about which payments rows of *month* are in the database."""
        rows = await self.memory.record_archive.lines(self.kind, month, at_most=99)
        return [each.payment for each in rows]

    @property
    def filed(self) -> list[list[bytes]]:
        """Return the lines of each file."""
        return [content.splitlines()[1:-1] for content in self.shelf.files.values()]
