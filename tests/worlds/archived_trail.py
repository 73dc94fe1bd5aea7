"""A sealed audit log in memory over some months, and everything that archives it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from application.audit.archive_audit_log import SealedMonths
from application.audit.archive_months import ArchiveMonths
from application.audit.prove_entries import ProveEntries
from application.audit.read_archive import ReadArchive
from application.audit.restore_month import RestoreMonth
from application.audit.verify_trail import TrailFound, VerifyTrail
from contracts.audit.archive_contract import OCTOBER, sealed_in
from contracts.memory_storage import MemoryStorage
from domain.audit.archive_manifest import ArchiveManifest
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archived_month import GRACE
from fakes.alerts import AlertBook
from fakes.audit.archive_manifests import MemoryManifests
from fakes.audit.archive_register import MemoryArchiveRegister
from fakes.audit.checkpoint_signer import KEY
from fakes.audit.line_packing import PlainPacking
from fakes.audit.sealing import CHECK_NOTE
from fakes.clock import StoppedClock
from fakes.file_store import Shelf

HOT_MONTHS: Final = 24
NOVEMBER: Final = OCTOBER.next
DUE: Final = ArchiveMonth(2025, 11).end
"""When October 2023 has been over for two years and a month, and November for two."""


@dataclass(slots=True)
class ArchivedTrail:
    """At first October 2023 is due, and November is due a month later."""

    memory: MemoryStorage = field(default_factory=MemoryStorage)
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(DUE - timedelta(days=1)))
    shelf: Shelf = field(default_factory=Shelf)
    manifests: MemoryManifests = field(default_factory=MemoryManifests)
    alerts: AlertBook = field(default_factory=AlertBook)
    register: Any = None
    files: Any = None

    def __post_init__(self) -> None:
        self.register = MemoryArchiveRegister(self.memory.store, self.clock.now)
        self.memory.archive_register = self.register
        self.files = self.shelf

    async def seal(self, month: ArchiveMonth, *subjects: str) -> None:
        await sealed_in(self.memory, month, *subjects)

    @property
    def reader(self) -> ReadArchive:
        return ReadArchive(self.register, self.files, PlainPacking())

    @property
    def archive(self) -> ArchiveMonths[ArchiveManifest]:
        return ArchiveMonths(
            source=SealedMonths(
                spans=self.memory.sealed_spans,
                archive=self.reader,
                keys=(str(KEY.public),),
                hot_months=HOT_MONTHS,
            ),
            files=self.files,
            manifests=self.manifests,
            alerts=self.alerts,
            clock=self.clock,
        )

    @property
    def prove(self) -> ProveEntries:
        return ProveEntries(self.memory.sealed_log, self.reader)

    @property
    def restore(self) -> RestoreMonth:
        return RestoreMonth(self.reader, self.memory.restored_months)

    async def verify(self) -> TrailFound:
        return await VerifyTrail(self.memory.sealed_log, CHECK_NOTE, self.reader)()

    async def drop_all(self) -> None:
        """Archive what is due, and drop it when its time of grace is over."""
        while await self.archive():
            pass
        self.clock.move(GRACE)
        while await self.archive():
            pass

    @property
    def acts(self) -> list[tuple[str, str]]:
        """What the audit log says of the archive."""
        return [
            (each.action, each.subject)
            for each in self.memory.store.audit
            if each.action.startswith("archive.")
        ]
