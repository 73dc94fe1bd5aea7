"""The archive of the audit log from the command line: run, list, restore, search."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Final

from adapters.ed25519.note_signatures import is_signature
from adapters.zstd.line_packing import ZstdPacking
from application.audit.archive_audit_log import SUBJECT
from application.audit.archive_months import ArchiveInTurn
from application.audit.list_archive import ListedMonth
from application.audit.read_archive import chunks
from domain.audit.archive_manifest import ArchiveManifest
from domain.audit.archive_month import ArchiveMonth
from domain.audit.month_check import MonthCheck
from domain.audit.record_kind import RecordKind
from domain.audit.record_manifest import FORMAT, RecordManifest
from domain.audit.signed_note import VerifierKey
from domain.audit.trail import NoteCheck, TrailBroken
from domain.identifiers import PaymentId
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.audit.line_packing import PackedUnreadable

RECORDS: Final = FORMAT.encode()


def run(settings: Settings) -> Mapping[str, int]:
    """Take each step that is due; return how many months came into which state. Raises ``TrailBroken``."""

    async def archive(container: Shulk) -> Mapping[str, int]:
        archive, taken = container.use_cases().audit().archive_audit_log(), Counter[str]()
        before = await _states(archive)
        while await archive():
            after = await _states(archive)
            taken.update(state for month, state in after.items() if before.get(month) != state)
            before = after
        return taken

    return run_in_container(settings, archive)


async def _states(archive: ArchiveInTurn) -> Mapping[tuple[str, ArchiveMonth], str]:
    return {
        (each.source.name, month.month): month.state
        for each in archive.archives
        for month in await each.source.months()
    }


def months(settings: Settings) -> Sequence[ListedMonth]:
    """Return the archived months of each kind, the earliest first."""

    async def listed(container: Shulk) -> Sequence[ListedMonth]:
        archive = container.use_cases().audit().archive_audit_log()
        return [
            ListedMonth(each.source.name, month, await each.source.held(month))
            for each in archive.archives
            for month in await each.source.months()
        ]

    return run_in_container(settings, listed)


def delete(settings: Settings, *, dry_run: bool) -> Sequence[ListedMonth]:
    """
    Delete what is due of the files whose retention has ended; return the months of which that is not done.

    With *dry_run* nothing is changed. What ended less than a day ago, or is locked by the file store, stays.
    """

    async def deleted(container: Shulk) -> Sequence[ListedMonth]:
        deletions = container.use_cases().audit().delete_archived()
        for each in deletions:
            while not dry_run and await each():
                pass
        return [
            ListedMonth(each.source.name, month, ())
            for each in deletions
            for month in await each.due()
        ]

    return run_in_container(settings, deleted)


def verify_month(path: Path, manifest_path: Path, keys: Sequence[VerifierKey]) -> int:
    """
    Verify the file at *path* by its manifest and *keys* alone; return how many lines it has.

    Raises ``TrailBroken``, ``NoteMalformed`` when no key has signed, and ``ValueError`` for what is no manifest.
    """
    written = manifest_path.read_bytes()
    if RECORDS in written:
        return _verify_records(path, RecordManifest.parse(written))
    manifest = ArchiveManifest.parse(written)
    check = MonthCheck(manifest.before, NoteCheck(keys, is_signature)(manifest.note))
    with path.open("rb") as packed:
        if file_digest(packed, "sha256").hexdigest() != manifest.sha256:
            raise TrailBroken(check.size, "the file is not the one that the manifest names")
        packed.seek(0)
        try:
            for part in chunks(ZstdPacking().lines(packed)):
                check.take(part)
        except PackedUnreadable as unreadable:
            raise TrailBroken(check.size, str(unreadable)) from None
    check.finish()
    return len(manifest.span)


def _verify_records(path: Path, manifest: RecordManifest) -> int:
    """Return how many rows the file has that *manifest* names; no key has signed either of them."""
    with path.open("rb") as packed:
        if file_digest(packed, "sha256").hexdigest() != manifest.sha256:
            raise TrailBroken(0, "the file is not the one that the manifest names")
        packed.seek(0)
        count = sum(len(part) for part in chunks(ZstdPacking().lines(packed)))
    if count != manifest.count:
        raise TrailBroken(count, f"the manifest tells of {manifest.count} lines")
    return count


def restore(settings: Settings, month: ArchiveMonth, kind: RecordKind | None = None) -> int:
    """
    Restore *month* of the audit log, or of *kind*, beside it; return how many lines.

    Raises ``NotFound`` and ``TrailBroken``.
    """

    async def restored(container: Shulk) -> int:
        audit = container.use_cases().audit()
        subject = f"{SUBJECT}{month}" if kind is None else f"{kind}:{month}"
        await audit.record_access().commanded("archive.restored", subject, BY_COMMAND)
        if kind is not None:
            return int(await audit.restore_records()(kind, month))
        return int(await audit.restore_month()(month))

    return run_in_container(settings, restored)


def remove(settings: Settings, month: ArchiveMonth, kind: RecordKind | None = None) -> int:
    """Take what was restored of *month* away; return how many lines."""

    async def removed(container: Shulk) -> int:
        audit = container.use_cases().audit()
        if kind is not None:
            return int(await audit.restore_records().remove(kind, month))
        return int(await audit.restore_month().remove(month))

    return run_in_container(settings, removed)


def search(settings: Settings, subject: str, show: Callable[[str], None]) -> int:
    """*show* each archived line about *subject*; return how many. Raises ``TrailBroken``."""

    async def found(container: Shulk) -> int:
        audit, count = container.use_cases().audit(), 0
        await audit.record_access().commanded("archive.searched", f"shown:{subject}", BY_COMMAND)
        async for each in audit.read_archive().search(subject):
            show(f"{each.index} {each.line.decode()}")
            count += 1
        async for row in audit.read_records()(PaymentId(subject)):
            show(f"{row.kind} {bytes(row).decode()}")
            count += 1
        return count

    return run_in_container(settings, found)
