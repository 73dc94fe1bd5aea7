"""The months of the audit log, as they are archived: each line is compared with its sealed leaf."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, ClassVar, Final

from application.audit.read_archive import LINES_AT_A_TIME, ReadArchive, chunks
from domain.audit.archive_manifest import ArchiveManifest, SealedMonth
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.checkpoint import Checkpoint
from domain.audit.ended_lines import LOG
from domain.audit.month_check import MonthCheck
from domain.audit.signed_note import SignedNote
from domain.audit.trail import TrailBroken
from domain.identifiers import PaymentId
from ports.audit.line_packing import PackedUnreadable
from ports.audit.sealed_spans import SealedSpans
from ports.audit_log import AuditEntry
from ports.clock import Clock

SUBJECT: Final = LOG
"""Begins what entries about a month are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedMonths:
    """*keys* are the public keys that seal now. A month stays at hand for *hot_months* after its end."""

    name: ClassVar[str] = SUBJECT.removesuffix(":")
    # An earlier entry that stayed would look like the last of its payment.
    in_order: ClassVar[bool] = True

    spans: SealedSpans
    archive: ReadArchive
    keys: Sequence[str]
    hot_months: int

    def folder(self, month: ArchiveMonth) -> str:
        return str(month)

    async def months(self) -> Sequence[SealedMonth]:
        return await self.archive.register.months()

    async def next_month(self, known: Sequence[SealedMonth]) -> ArchiveMonth | None:
        sealed_at = await self.spans.next_sealed(_stop(known))
        return None if sealed_at is None else ArchiveMonth.of(sealed_at)

    def is_due(self, month: ArchiveMonth, clock: Clock) -> bool:
        return month.is_due(clock.now(), hot_months=self.hot_months)

    async def write(
        self, month: ArchiveMonth, known: Sequence[SealedMonth], file: BinaryIO
    ) -> ArchiveManifest:
        starts = {each.month: each.manifest.span.start for each in known}
        before = (await self.spans.state_of(starts.get(month, _stop(known)))).tree
        note = (await self.spans.last_before(month.end)).note
        sealed = Checkpoint.parse(SignedNote.parse(note).text)
        check, packer = MonthCheck(before, sealed), self.archive.packing.packer()
        for first in range(before.size, sealed.size, LINES_AT_A_TIME):
            span = range(first, min(first + LINES_AT_A_TIME, sealed.size))
            batch = await self.spans.lines(span)
            check.take(batch.lines, batch.leaves)
            await self.archive.register.note(month, span)
            file.write(packer.add([line or b"" for line in batch.lines]))
        check.finish()
        await self.archive.register.note(month, range(0))
        file.write(packer.finish())
        return ArchiveManifest(
            month=month, before=before, note=note, keys=tuple(self.keys), sha256="", size_bytes=0
        )

    async def compare(self, file: BinaryIO, manifest: ArchiveManifest) -> None:
        check = MonthCheck(manifest.before, manifest.checkpoint)
        try:
            for part in chunks(self.archive.packing.lines(file)):
                check.take(part, await self.spans.leaves(range(check.size, check.size + len(part))))
        except PackedUnreadable as unreadable:
            raise TrailBroken(check.size, str(unreadable)) from unreadable
        check.finish()

    async def held(self, month: SealedMonth) -> Sequence[PaymentId]:
        if month.state in {ArchiveState.DROPPED, ArchiveState.DELETING}:
            return await self.archive.register.held_in_file(month.month)
        return await self.archive.register.held(month.manifest.span)

    async def drop(self, month: SealedMonth, *, at_a_time: int) -> None:
        span = month.manifest.span
        for first in range(span.start, span.stop, at_a_time):
            await self.archive.register.drop(range(first, min(first + at_a_time, span.stop)))

    async def record(self, month: SealedMonth, was: SealedMonth | None, audit: AuditEntry) -> None:
        await self.archive.register.record(month, was, audit)


def _stop(known: Sequence[SealedMonth]) -> int:
    return known[-1].manifest.span.stop if known else 0
