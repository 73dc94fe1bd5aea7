"""Archive the audit log month by month: export, read back, and only then, after a time of grace, drop the entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from application.audit.read_archive import LINES_AT_A_TIME, ReadArchive, chunks
from domain.audit.archive_manifest import ArchiveManifest
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.archived_month import ArchivedMonth
from domain.audit.checkpoint import Checkpoint
from domain.audit.merkle_tree import CompactRange
from domain.audit.month_check import MonthCheck
from domain.audit.signed_note import SignedNote
from domain.audit.trail import TrailBroken
from domain.errors import ChangedMeanwhile
from ports.alerts import Alert, AlertKind, Alerts
from ports.audit.archive_manifests import ArchiveManifests
from ports.audit.line_packing import PackedUnreadable
from ports.audit.sealed_spans import SealedSpans
from ports.audit_log import AuditEntry, Origin, Source
from ports.clock import Clock
from ports.file_store import FileDamaged, FileHash, FileMissing

BY_ARCHIVE: Final = Origin(actor="system", source=Source.ARCHIVE)
SUBJECT: Final = "audit_log:"
"""Begins what entries about a month are about."""

DROPPED_AT_A_TIME: Final = 2_000
"""Deleted by one statement; a payment's never waits for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveAuditLog:
    """*keys* are the public keys that seal now. A month stays at hand for *hot_months* after its end."""

    spans: SealedSpans
    archive: ReadArchive
    manifests: ArchiveManifests
    keys: Sequence[str]
    hot_months: int
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
            await self._alert("audit_log", str(broken))
            raise

    async def _step(self) -> bool:
        months = await self.archive.register.months()
        # Entries leave in their order: an earlier one that stayed would look like the last of its payment.
        waits = False
        for month in months:
            if month.state is ArchiveState.OPEN:
                await self._export(month.month, month.manifest.span.start, month)
                return True
            if month.state is ArchiveState.EXPORTED:
                await self._verify(month)
                return True
            if month.state is ArchiveState.VERIFIED and not waits:
                if month.may_drop(self.clock.now()) and await self._drop(month):
                    return True
                waits = True
        first = months[-1].manifest.span.stop if months else 0
        sealed_at = await self.spans.next_sealed(first)
        if sealed_at is None:
            return False
        due = ArchiveMonth.of(sealed_at)
        if not due.is_due(self.clock.now(), hot_months=self.hot_months):
            return False
        await self._export(due, first, None)
        return True

    async def _export(self, month: ArchiveMonth, first: int, was: ArchivedMonth | None) -> None:
        before = (await self.spans.state_of(first)).tree
        note = (await self.spans.last_before(month.end)).note
        sealed = Checkpoint.parse(SignedNote.parse(note).text)
        with TemporaryFile() as file:
            await self._write(file, before, sealed)
            # What is stored is what was read again, not what was meant to be written.
            file.seek(0)
            await self._compare(file, before, sealed)
            size_bytes = file.seek(0, 2)
            stored = await self.archive.files.put_file(file)
        manifest = ArchiveManifest(
            month=month,
            before=before,
            note=note,
            keys=tuple(self.keys),
            sha256=stored,
            size_bytes=size_bytes,
        )
        await self.manifests.put(str(month), bytes(manifest))
        exported = ArchivedMonth.exported(manifest, self.clock.now())
        await self._record(exported, was, "archive.exported")

    async def _write(self, file: BinaryIO, before: CompactRange, sealed: Checkpoint) -> None:
        check, packer = MonthCheck(before, sealed), self.archive.packing.packer()
        for first in range(before.size, sealed.size, LINES_AT_A_TIME):
            batch = await self.spans.lines(range(first, min(first + LINES_AT_A_TIME, sealed.size)))
            check.take(batch.lines, batch.leaves)
            file.write(packer.add([line or b"" for line in batch.lines]))
        check.finish()
        file.write(packer.finish())

    async def _compare(self, file: BinaryIO, before: CompactRange, sealed: Checkpoint) -> None:
        """Raise ``TrailBroken`` unless each line in *file* is as it was sealed, and they are all."""
        check = MonthCheck(before, sealed)
        try:
            for part in chunks(self.archive.packing.lines(file)):
                check.take(part, await self.spans.leaves(range(check.size, check.size + len(part))))
        except PackedUnreadable as unreadable:
            raise TrailBroken(check.size, str(unreadable)) from unreadable
        check.finish()

    async def _lose(self, month: ArchivedMonth) -> None:
        """Export *month* anew in the next step, and tell of it."""
        await self._record(month.lost(), month, "archive.lost")
        await self._alert(str(month.month), "its file was lost, and is exported anew")

    async def _alert(self, subject: str, why: str) -> None:
        await self.alerts.call(
            Alert(kind=AlertKind.ARCHIVE_BROKEN, subject=subject, facts={"reason": why})
        )

    async def _verify(self, month: ArchivedMonth) -> None:
        if await self._is_stored(month):
            await self._record(month.read_back(self.clock.now()), month, "archive.verified")
        else:
            await self._lose(month)

    async def _is_stored(self, month: ArchivedMonth) -> bool:
        """
        Read the file of *month* and its manifest back; return whether both are there, with the hashes they have.

        Raises ``TrailBroken`` when the file is what was put, and not what was sealed.
        """
        manifest = month.manifest
        if bytes(manifest) not in await self.manifests.manifests_of(str(month.month)):
            return False
        try:
            async with self.archive.files.open(FileHash(manifest.sha256)) as file:
                await self._compare(file, manifest.before, manifest.checkpoint)
        except (FileMissing, FileDamaged):
            return False
        return True

    async def _drop(self, month: ArchivedMonth) -> bool:
        """Drop the entries of *month*; return False when one of its payments is under legal hold."""
        span, register = month.manifest.span, self.archive.register
        if await register.held(span):
            return False
        if not await self._is_stored(month):
            await self._lose(month)
            return True
        for first in range(span.start, span.stop, DROPPED_AT_A_TIME):
            await register.drop(range(first, min(first + DROPPED_AT_A_TIME, span.stop)))
        await self._record(month.dropped(self.clock.now()), month, "archive.dropped")
        return True

    async def _record(self, month: ArchivedMonth, was: ArchivedMonth | None, action: str) -> None:
        entry = AuditEntry(
            at=self.clock.now(),
            origin=BY_ARCHIVE,
            action=action,
            subject=f"{SUBJECT}{month.month}",
            facts=_facts(month.manifest),
        )
        await self.archive.register.record(month, was, entry)


def _facts(manifest: ArchiveManifest) -> Mapping[str, str]:
    return {
        "count": str(len(manifest.span)),
        "first": str(manifest.span.start),
        "sha256": manifest.sha256,
        "manifest_sha256": sha256(bytes(manifest)).hexdigest(),
    }
