"""The archive of the audit log from the command line: run, list, restore, search."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from adapters.ed25519.note_signatures import is_signature
from adapters.zstd.line_packing import ZstdPacking
from application.audit.archive_audit_log import SUBJECT
from application.audit.read_archive import ArchivedLine, chunks
from domain.audit.archive_manifest import ArchiveManifest
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archived_month import ArchivedMonth
from domain.audit.month_check import MonthCheck
from domain.audit.signed_note import VerifierKey
from domain.audit.trail import NoteCheck, TrailBroken
from domain.identifiers import PaymentId
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.audit.line_packing import PackedUnreadable


@dataclass(frozen=True, slots=True)
class ListedMonth:
    """A month, and the payments under legal hold for which its entries stay."""

    month: ArchivedMonth
    held: Sequence[PaymentId]


def run(settings: Settings) -> Mapping[str, int]:
    """Take each step that is due; return how many months came into which state. Raises ``TrailBroken``."""

    async def archive(container: Shulk) -> Mapping[str, int]:
        register = container.storage.archive_register()
        step, taken = container.use_cases().audit().archive_audit_log(), Counter[str]()
        before = {each.month: each.state for each in await register.months()}
        while await step():
            after = {each.month: each.state for each in await register.months()}
            taken.update(state for month, state in after.items() if before.get(month) != state)
            before = after
        return taken

    return run_in_container(settings, archive)


def months(settings: Settings) -> Sequence[ListedMonth]:
    """Return the archived months, the earliest first."""

    async def listed(container: Shulk) -> Sequence[ListedMonth]:
        register = container.storage.archive_register()
        return [
            ListedMonth(each, await register.held(each.manifest.span))
            for each in await register.months()
        ]

    return run_in_container(settings, listed)


def verify_month(path: Path, manifest_path: Path, keys: Sequence[VerifierKey]) -> int:
    """
    Verify the file at *path* by its manifest and *keys* alone; return how many lines it has.

    Raises ``TrailBroken``, ``NoteMalformed`` when no key has signed, and ``ValueError`` for what is no manifest.
    """
    manifest = ArchiveManifest.parse(manifest_path.read_bytes())
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


def restore(settings: Settings, month: ArchiveMonth) -> int:
    """Restore *month* beside the audit log; return how many lines. Raises ``NotFound`` and ``TrailBroken``."""

    async def restored(container: Shulk) -> int:
        audit = container.use_cases().audit()
        await audit.record_access().commanded("archive.restored", f"{SUBJECT}{month}", BY_COMMAND)
        return int(await audit.restore_month()(month))

    return run_in_container(settings, restored)


def remove(settings: Settings, month: ArchiveMonth) -> int:
    """Take what was restored of *month* away; return how many lines."""

    async def removed(container: Shulk) -> int:
        return int(await container.use_cases().audit().restore_month().remove(month))

    return run_in_container(settings, removed)


def search(settings: Settings, subject: str, show: Callable[[ArchivedLine], None]) -> int:
    """*show* each archived line about *subject*; return how many. Raises ``TrailBroken``."""

    async def found(container: Shulk) -> int:
        audit, count = container.use_cases().audit(), 0
        await audit.record_access().commanded("archive.searched", f"shown:{subject}", BY_COMMAND)
        async for each in audit.read_archive().search(subject):
            show(each)
            count += 1
        return count

    return run_in_container(settings, found)
