"""Where settlement files come from: the bank's report API, a folder, or an upload."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class ReadyReport:
    """One report that can be fetched; size in bytes and SHA-256 in hex where the source knows them beforehand."""

    name: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ReportsReady:
    """All reports of a business date, by name; at least one."""

    reports: tuple[ReadyReport, ...]


@dataclass(frozen=True, slots=True)
class ReportsNotReady:
    """The bank is still preparing them. *retry_at* is in UTC, or None where the source cannot tell."""

    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class NothingSettled:
    """The bank says that nothing was settled on that date. A folder never says so."""


@dataclass(frozen=True, slots=True)
class SourceAway:
    """The source could not be asked, or did not answer in a way that can be understood."""

    reason: str


SourceAnswer = ReportsReady | ReportsNotReady | NothingSettled | SourceAway


class ReportUnavailable(DomainError):
    """A report that was ready cannot be fetched, or not whole; the same call may be made again later."""


class SettlementSource(Protocol):
    async def reports_of(self, day: date) -> SourceAnswer:
        """Return which reports there are for the business date *day* (India), or why none; it never raises."""
        ...

    def open(self, report: ReadyReport) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """
        Fetch *report* as a stream: ``async with source.open(report) as chunks``.

        The chunks together are the whole report, of the size and hash that were announced, or the stream raises
        ``ReportUnavailable``. Nothing at the source is moved or deleted.
        """
        ...
