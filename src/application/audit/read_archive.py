"""Read lines out of archived months: one month, those about a subject, or those that have left the database."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from domain.audit.archive_manifest import SealedMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.audit_line import AuditLine
from domain.audit.trail import SealedBatch, TrailBroken
from ports.audit.archive_register import ArchiveRegister
from ports.audit.line_packing import LinePacking, PackedUnreadable
from ports.audit.sealed_log import SealedLog
from ports.file_store import FileDamaged, FileHash, FileMissing, FileStore

LINES_AT_A_TIME: Final = 1_000
"""Of a month so many lines are in memory at once."""


@dataclass(frozen=True, slots=True)
class ArchivedLine:
    """A line with its *index* in the log, as the file of its month holds it."""

    index: int
    line: bytes


@dataclass(frozen=True, slots=True)
class ReadArchive:
    register: ArchiveRegister
    files: FileStore
    packing: LinePacking

    @asynccontextmanager
    async def opened(self, month: SealedMonth) -> AsyncIterator[Iterator[bytes]]:
        """
        Give the lines of *month* one after the other, from a file that is checked against its hash.

        Raises ``TrailBroken`` with its first index when the file is gone, or damaged, and ``FilesUnavailable``.
        """
        first = month.manifest.span.start
        try:
            async with self.files.open(FileHash(month.manifest.sha256)) as packed:
                yield self.packing.lines(packed)
        except (FileMissing, FileDamaged, PackedUnreadable) as lost:
            raise TrailBroken(first, f"the archived file of {month.month}: {lost}") from lost

    async def search(self, subject: str) -> AsyncGenerator[ArchivedLine, None]:
        """
        Yield the lines of archived months that are about *subject*, an id of a payment or a refund, or name it.

        No month is restored for it. Raises what ``opened`` does.
        """
        async with aclosing(self._search(subject, await self.register.months())) as lines:
            async for each, line in lines:
                if line.is_about(subject):
                    yield each

    async def about(self, subject: str) -> AsyncGenerator[ArchivedLine, None]:
        """
        Yield the lines of archived months whose entries are about *subject* itself.

        Only the files of months in which it was noted are read. Raises what ``opened`` does.
        """
        months = await self.register.months_about(subject)
        async with aclosing(self._search(subject, months)) as lines:
            async for each, line in lines:
                if line.subject == subject:
                    yield each

    async def _search(
        self, subject: str, months: Sequence[SealedMonth]
    ) -> AsyncGenerator[tuple[ArchivedLine, AuditLine], None]:
        # Most lines hold the id nowhere: only those that do are read as JSON.
        wanted = subject.encode()
        for month in months:
            if not month.holds_lines:
                continue
            async with self.opened(month) as lines:
                for place, line in enumerate(lines):
                    if wanted in line:
                        index = month.manifest.span.start + place
                        yield ArchivedLine(index, line), AuditLine.parse(line)

    async def ended(self) -> int:
        """Return the index before which lines may be gone: the retention of their months has ended."""
        over = {ArchiveState.DELETING, ArchiveState.DELETED}
        months = [each for each in await self.register.months() if each.state in over]
        return max((each.manifest.span.stop for each in months), default=0)

    @asynccontextmanager
    async def filled(
        self, batches: AsyncIterator[SealedBatch]
    ) -> AsyncIterator[AsyncIterator[SealedBatch]]:
        """
        Give *batches*, all of the log from its first on, with the lines that have left the database.

        A line that no archived month holds stays gone, as one whose file was deleted. Raises what ``opened`` does.
        """
        months = [
            each
            for each in await self.register.months()
            if each.holds_lines or each.state is ArchiveState.DELETING
        ]
        async with AsyncExitStack() as stack:
            yield self._filled(batches, _Reader(self, months, stack))

    async def _filled(
        self, batches: AsyncIterator[SealedBatch], reader: "_Reader"
    ) -> AsyncIterator[SealedBatch]:
        first = 0
        async for batch in batches:
            if None in batch.lines:
                lines = [
                    await reader.line(first + place) if line is None else line
                    for place, line in enumerate(batch.lines)
                ]
                yield replace(batch, lines=lines)
            else:
                yield batch
            first += len(batch.leaves)


@dataclass(slots=True)
class _Reader:
    """Reads single lines by rising indices; one file is open at a time."""

    archive: ReadArchive
    months: Sequence[SealedMonth]
    stack: AsyncExitStack
    _lines: Iterator[bytes] = field(default_factory=lambda: iter(()))
    _span: range = range(0)
    _next: int = 0

    async def line(self, index: int) -> bytes | None:
        if index not in self._span and not await self._open(index):
            return None
        skipped, self._next = index - self._next, index + 1
        try:
            return next(islice(self._lines, skipped, None), None)
        except PackedUnreadable as lost:
            raise TrailBroken(index, f"an archived file: {lost}") from lost

    async def _open(self, index: int) -> bool:
        for month in self.months:
            if index in month.manifest.span:
                await self.stack.aclose()
                try:
                    self._lines = await self.stack.enter_async_context(self.archive.opened(month))
                except TrailBroken:
                    # It may have been deleted a moment ago.
                    if month.state is ArchiveState.DELETING:
                        return False
                    raise
                self._span, self._next = month.manifest.span, month.manifest.span.start
                return True
        return False


@asynccontextmanager
async def whole_batches(
    log: SealedLog, archive: ReadArchive | None
) -> AsyncIterator[AsyncIterator[SealedBatch]]:
    """Give all that is sealed, as ``log.batches`` does, with what *archive* has of it."""
    async with AsyncExitStack() as stack:
        batches = await stack.enter_async_context(log.batches())
        if archive is not None:
            batches = await stack.enter_async_context(archive.filled(batches))
        yield batches


def chunks(lines: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield *lines* in parts of ``LINES_AT_A_TIME``."""
    while part := [*islice(lines, LINES_AT_A_TIME)]:
        yield part
