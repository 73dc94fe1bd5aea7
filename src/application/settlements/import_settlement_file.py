"""Import a settlement file: its bytes are kept, it is read once, and each settlement in it is judged."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from io import SEEK_END
from typing import BinaryIO, Final

from application.settlements.judge_reports import judge_reports
from application.settlements.read_lines import Batch, in_thread, read_ahead
from domain.settlements.file_state import SettlementFileEvent, SettlementFileState, file_after
from domain.settlements.settlement_report import FileOrigin, ReportState
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.file_store import FileDamaged, FileHash, FileMissing, FileStore
from ports.settlements.settlement_file_reader import (
    FileSummary,
    SettlementFileReader,
    SettlementFileReading,
    SettlementFileRefused,
)
from ports.settlements.settlement_files import (
    FileContent,
    ReceivedFile,
    Refusal,
    ReportVerdict,
    SettlementFile,
    SettlementFileImport,
    SettlementFiles,
)

UNREAD_MAX: Final = 100
"""Files that one round reads anew at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """
    A file as it came, which can be rewound.

    *preset* and *mid* are what a person named, *day* the business date it was fetched for.
    """

    name: str
    content: BinaryIO
    origin: FileOrigin
    day: date | None = None
    preset: str | None = None
    mid: str | None = None


@dataclass(frozen=True, slots=True)
class ImportSettlementFile:
    """
    Nothing is posted and nothing is matched: a reconciliation run does that.

    What cannot be read makes the file *refused*, and rows that cannot be read make it *held*. The same
    bytes again return what is known of them; a refused file is read again when a person names another
    preset or MID.
    """

    files: SettlementFiles
    store: FileStore
    reader: SettlementFileReader
    clock: Clock

    async def __call__(self, incoming: IncomingFile, origin: Origin) -> SettlementFile:
        """
        Return the file after its import, or as another worker has it.

        Raises ``FilesUnavailable`` and ``StorageUnavailable``; the same file may be sent again then.
        """
        sha256 = await self.store.put_file(incoming.content)
        received = ReceivedFile(
            sha256=sha256,
            name=incoming.name,
            size=incoming.content.seek(0, SEEK_END),
            origin=incoming.origin,
            received_at=self.clock.now(),
            received_by=origin.actor,
            day=incoming.day,
            preset=incoming.preset,
            mid=incoming.mid,
        )
        entry = self._entry("settlement_file.received", sha256, origin, name=incoming.name)
        known = await self.files.receive(received, entry)
        if _is_named_otherwise(known, incoming):
            again = self._entry("settlement_file.reopened", sha256, origin)
            await self.files.reopen(sha256, incoming.preset, incoming.mid, again)
        return await self.read(sha256, origin)

    async def read(self, file: FileHash, origin: Origin) -> SettlementFile:
        """Read a file that waits, or whose worker is lost; any other is returned as it is."""
        attempt = await self.files.claim(file, self.clock.now())
        if attempt is not None:
            received = (await self.files.get(file)).received
            try:
                async with (
                    self.store.open(file) as content,
                    in_thread(
                        self.reader.read(
                            content, received.name, preset=received.preset, mid=received.mid
                        )
                    ) as reading,
                ):
                    await self._import(file, attempt, reading, origin)
            except SettlementFileRefused as refused:
                refusal = Refusal(
                    reason=refused.reason, detail=refused.detail, line_no=refused.line_no
                )
                entry = self._entry(
                    "settlement_file.refused", file, origin, reason=refused.reason.value
                )
                await self.files.refuse(file, attempt, refusal, entry)
        return await self.files.get(file)

    async def read_waiting(self, origin: Origin) -> int:
        """
        Read the files that wait, those of lost workers among them; return how many there were.

        One whose bytes are lost keeps no other from being read: an invariant tells of it.
        """
        waiting = await self.files.unread(self.clock.now(), at_most=UNREAD_MAX)
        for file in waiting:
            with suppress(FileMissing, FileDamaged):
                await self.read(file, origin)
        return len(waiting)

    async def _import(
        self, file: FileHash, attempt: int, reading: SettlementFileReading, origin: Origin
    ) -> None:
        async with self.files.importing(file, attempt) as work:

            async def take(batch: Batch) -> None:
                if batch.lines:
                    await work.add(batch.lines)
                if batch.rejected:
                    await work.reject(batch.rejected)

            await read_ahead(reading, take)
            summary = reading.summary()
            event = (
                SettlementFileEvent.READ_IN_PART
                if summary.held_for
                else SettlementFileEvent.READ_WHOLE
            )
            state = file_after(SettlementFileState.READING, event)
            entry = self._entry(
                f"settlement_file.{state.value}",
                file,
                origin,
                preset=summary.format.preset,
                lines=str(summary.line_count),
                rejected=str(summary.rejected_count),
            )
            await work.conclude(
                state,
                _content_of(summary),
                summary.settlements,
                await _verdicts_on(work, summary),
                entry,
            )

    def _entry(self, action: str, file: FileHash, origin: Origin, **facts: str) -> AuditEntry:
        return AuditEntry(
            at=self.clock.now(), origin=origin, action=action, subject=file, facts=facts
        )


async def _verdicts_on(work: SettlementFileImport, summary: FileSummary) -> list[ReportVerdict]:
    if summary.held_for:
        return [
            ReportVerdict(settlement=each.key, state=ReportState.HELD, reported=None)
            for each in summary.settlements
        ]
    return await judge_reports(work, summary.settlements)


def _content_of(summary: FileSummary) -> FileContent:
    return FileContent(
        format=summary.format,
        line_count=summary.line_count,
        rejected_count=summary.rejected_count,
        skipped_count=summary.skipped_count,
        warnings=summary.warnings,
        declared=summary.declared,
        held_for=summary.held_for,
    )


def _is_named_otherwise(known: SettlementFile, incoming: IncomingFile) -> bool:
    """Whether a refused file may be read by what is named now, and was not before."""
    named = (incoming.preset, incoming.mid)
    return (
        known.state is SettlementFileState.REFUSED
        and any(named)
        and named != (known.received.preset, known.received.mid)
    )
