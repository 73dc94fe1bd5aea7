"""Archive one kind of what is kept month by month: export, read back, and only then, after a time of grace, drop it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final, Generic, Protocol

from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.archived_month import ArchivedMonth, M
from domain.audit.trail import TrailBroken
from domain.errors import ChangedMeanwhile, DomainError
from domain.identifiers import PaymentId
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit.archive_manifests import ArchiveManifests
from ports.audit_log import AuditEntry, Origin, Source
from ports.clock import Clock
from ports.file_store import FileDamaged, FileHash, FileMissing, FileStore

BY_ARCHIVE: Final = Origin(actor="system", source=Source.ARCHIVE)

DROPPED_AT_A_TIME: Final = 2_000
"""Deleted by one statement; a payment's never waits for long."""


class MonthChanged(DomainError):
    """Rows of a month are not as they were exported: its file is out of date."""


class MonthSource(Protocol[M]):
    """What one kind of months is made of, where it stands, and how it leaves."""

    @property
    def name(self) -> str:
        """Its name in the audit log, before the month."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether no month may leave before those that are earlier."""
        ...

    def folder(self, month: ArchiveMonth) -> str:
        """Return under which name manifests of *month* are kept."""
        ...

    async def months(self) -> Sequence[ArchivedMonth[M]]:
        """Return all months that were ever exported, the earliest first."""
        ...

    async def next_month(self, known: Sequence[ArchivedMonth[M]]) -> ArchiveMonth | None:
        """Return the first month behind the *known* ones, None when there is none yet."""
        ...

    def is_due(self, month: ArchiveMonth, clock: Clock) -> bool:
        """Whether *month* has been over for long enough."""
        ...

    async def write(
        self, month: ArchiveMonth, known: Sequence[ArchivedMonth[M]], file: BinaryIO
    ) -> M:
        """Write the lines of *month* to *file*; return its manifest, which ``stored`` completes."""
        ...

    async def compare(self, file: BinaryIO, manifest: M) -> None:
        """
        Return when *file* holds what the database has of its month, line by line.

        Raises ``TrailBroken``, and ``MonthChanged`` where rows may change: then the month is exported anew.
        """
        ...

    async def held(self, month: ArchivedMonth[M]) -> Sequence[PaymentId]:
        """
        Return the payments for which the rows of *month* stay.

        Once these have left the database: those under legal hold, for which its file stays.
        """
        ...

    async def drop(self, month: ArchivedMonth[M], *, at_a_time: int) -> None:
        """Delete the rows of *month*."""
        ...

    async def record(
        self, month: ArchivedMonth[M], was: ArchivedMonth[M] | None, audit: AuditEntry
    ) -> None:
        """Write *month* in the place of *was*; raises ``ChangedMeanwhile``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveMonths(Generic[M]):
    source: MonthSource[M]
    files: FileStore
    manifests: ArchiveManifests
    alerts: Alerts
    clock: Clock

    async def __call__(self) -> int:
        """
        Take one month one step further; return 1, or 0 when no month is due for any.

        Whoever is slower than another leaves the step to that one. Raises ``TrailBroken`` when a month is not as it
        was sealed: then nothing of it is exported, verified or dropped, and an alert is raised. Raises
        ``FilesUnavailable`` and ``StorageUnavailable``; whatever was not recorded is done anew.
        """
        try:
            return int(await self._step())
        except ChangedMeanwhile:
            return 0
        except TrailBroken as broken:
            await self._alert(self.source.name, str(broken))
            raise

    async def _step(self) -> bool:
        months = await self.source.months()
        waits = False
        for month in months:
            if month.state is ArchiveState.OPEN:
                await self._export(month.month, months, month)
                return True
            if month.state is ArchiveState.EXPORTED:
                await self._verify(month)
                return True
            if month.state is ArchiveState.VERIFIED and not waits:
                if month.may_drop(self.clock.now()) and await self._drop(month):
                    return True
                waits = self.source.in_order
        due = await self.source.next_month(months)
        if due is None or not self.source.is_due(due, self.clock):
            return False
        await self._export(due, months, None)
        return True

    async def _export(
        self, month: ArchiveMonth, known: Sequence[ArchivedMonth[M]], was: ArchivedMonth[M] | None
    ) -> None:
        with TemporaryFile() as file:
            written = await self.source.write(month, known, file)
            # What is stored is what was read again, not what was meant to be written.
            file.seek(0)
            await self.source.compare(file, written)
            size_bytes = file.seek(0, 2)
            stored = await self.files.put_file(file)
        manifest = written.stored(stored, size_bytes)
        await self.manifests.put(self.source.folder(month), bytes(manifest))
        exported = ArchivedMonth.exported(manifest, self.clock.now())
        await self._record(exported, was, "archive.exported")

    async def _lose(self, month: ArchivedMonth[M]) -> None:
        """Export *month* anew in the next step, and tell of it."""
        await self._record(month.lost(), month, "archive.lost")
        await self._alert(
            str(month.month), "its file was lost or is out of date, and is exported anew"
        )

    async def _alert(self, subject: str, why: str) -> None:
        await self.alerts.call(
            Alert(kind=AlertKind.ARCHIVE_BROKEN, subject=subject, facts={"reason": why})
        )

    async def _verify(self, month: ArchivedMonth[M]) -> None:
        if await self._is_stored(month):
            await self._record(month.read_back(self.clock.now()), month, "archive.verified")
        else:
            await self._lose(month)

    async def _is_stored(self, month: ArchivedMonth[M]) -> bool:
        """
        Read the file of *month* and its manifest back; return whether both are there, with the hashes they have.

        Raises ``TrailBroken`` when the file is what was put, and not what the database has.
        """
        manifest = month.manifest
        if bytes(manifest) not in await self.manifests.manifests_of(
            self.source.folder(month.month)
        ):
            return False
        try:
            async with self.files.open(FileHash(manifest.sha256)) as file:
                await self.source.compare(file, manifest)
        except (FileMissing, FileDamaged, MonthChanged):
            return False
        return True

    async def _drop(self, month: ArchivedMonth[M]) -> bool:
        """Drop the rows of *month*; return False when one of its payments keeps them."""
        if await self.source.held(month):
            return False
        if not await self._is_stored(month):
            await self._lose(month)
            return True
        await self.source.drop(month, at_a_time=DROPPED_AT_A_TIME)
        await self._record(month.dropped(self.clock.now()), month, "archive.dropped")
        return True

    async def _record(
        self, month: ArchivedMonth[M], was: ArchivedMonth[M] | None, action: str
    ) -> None:
        entry = archive_entry(self.source, month, action, self.clock.now())
        await self.source.record(month, was, entry)


def archive_entry(
    source: MonthSource[M], month: ArchivedMonth[M], action: str, at: datetime
) -> AuditEntry:
    """Return what the audit log is told of a step of *month*: with the hashes of its file and its manifest."""
    manifest = month.manifest
    return AuditEntry(
        at=at,
        origin=BY_ARCHIVE,
        action=action,
        subject=f"{source.name}:{month.month}",
        facts={
            **manifest.told,
            "sha256": manifest.sha256,
            "manifest_sha256": sha256(bytes(manifest)).hexdigest(),
        },
    )


@dataclass(frozen=True, slots=True)
class ArchiveInTurn:
    """
    Takes the next step of each kind; what is wrong with one holds none of the others back.

    *deletions* take the last steps: they delete files whose retention has ended.
    """

    archives: Sequence[ArchiveMonths[Any]]
    deletions: Sequence[Callable[[], Awaitable[int]]] = ()

    async def __call__(self) -> int:
        """Return how many steps were taken. Raises ``TrailBroken`` when nothing else is left to do."""
        taken, broken = 0, list[TrailBroken]()
        for archive in self.archives:
            try:
                taken += await archive()
            except TrailBroken as found:
                broken.append(found)
        for delete in self.deletions:
            taken += await delete()
        if broken and not taken:
            raise broken[0]
        return taken
