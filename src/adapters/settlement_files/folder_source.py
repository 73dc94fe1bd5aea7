"""Settlement files that come into a folder, by SFTP or from a mail box; they are read and stay where they are."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from typing import Final

from adapters.settlement_files.file_kind import REPORT_ENDINGS
from adapters.settlement_files.limits import FILE_BYTES_MAX
from domain.business_day import business_day_of
from domain.settlements.date_text import DatePattern
from ports.settlements.settlement_source import (
    ReadyReport,
    ReportsNotReady,
    ReportsReady,
    ReportUnavailable,
    SourceAnswer,
    SourceAway,
)

STILL_FOR: Final = timedelta(seconds=60)
"""A file that was written within this time may be growing."""

FILES_MAX: Final = 10_000
_CHUNK_BYTES: Final = 256 * 1024
_DATES: Final = tuple(
    (re.compile(form), DatePattern.of(pattern))
    for form, pattern in (
        (r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", "yyyy-MM-dd"),
        (r"(?<!\d)20\d{6}(?!\d)", "yyyyMMdd"),
        (r"(?<!\d)\d{2}-\d{2}-\d{4}(?!\d)", "dd-MM-yyyy"),
        (r"(?<!\d)\d{2}-[A-Za-z]{3}-\d{4}(?!\d)", "dd-MMM-yyyy"),
        (r"(?<!\d)\d{8}(?!\d)", "ddMMyyyy"),
    )
)


@dataclass(frozen=True, slots=True)
class FolderSource:
    """
    The business date of a file is the first date in its name; a file without one is of the day it was written (India).

    Hidden files, links and other kinds of file are passed over. Nothing says that a day has no settlement.
    """

    folder: Path
    now: Callable[[], datetime]

    async def reports_of(self, day: date) -> SourceAnswer:
        return await asyncio.to_thread(self._reports_of, day)

    @asynccontextmanager
    async def open(self, report: ReadyReport) -> AsyncIterator[AsyncIterator[bytes]]:
        path = self.folder / report.name
        if "/" in report.name or path.is_symlink():
            raise ReportUnavailable("it is no file of this folder")
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except OSError:
            raise ReportUnavailable("the file is not there any more") from None
        try:

            async def chunks() -> AsyncIterator[bytes]:
                read, digest = 0, hashlib.sha256()
                while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                    read += len(chunk)
                    digest.update(chunk)
                    yield chunk
                if report.size not in {None, read} or report.sha256 not in {
                    None,
                    digest.hexdigest(),
                }:
                    raise ReportUnavailable("the file has changed since it was listed")

            yield chunks()
        finally:
            file.close()

    def _reports_of(self, day: date) -> SourceAnswer:
        reports, growing = [], False
        try:
            for count, path in enumerate(sorted(self.folder.iterdir())):
                if count >= FILES_MAX:
                    return SourceAway(f"the folder holds more than {FILES_MAX} files")
                if path.name.startswith(".") or path.suffix.lower() not in REPORT_ENDINGS:
                    continue
                status = path.lstat()
                written = datetime.fromtimestamp(status.st_mtime, UTC)
                if not S_ISREG(status.st_mode) or _business_date(path.name, written) != day:
                    continue
                if self.now() - written < STILL_FOR:
                    growing = True
                elif 0 < status.st_size <= FILE_BYTES_MAX:
                    reports.append(ReadyReport(path.name, status.st_size, _hash_of(path)))
        except OSError as error:
            return SourceAway(f"the folder cannot be read: {error.strerror}")
        if reports:
            return ReportsReady(tuple(reports))
        return ReportsNotReady(self.now() + STILL_FOR if growing else None)


def _business_date(name: str, written: datetime) -> date:
    """Return the first date in *name*, else the day in India on which the file was *written*."""
    for form, pattern in _DATES:
        for told in form.findall(name):
            if (read := pattern.read(told)) is not None:
                return read.date()
    return business_day_of(written)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
