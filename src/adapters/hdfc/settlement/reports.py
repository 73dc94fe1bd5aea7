"""
Settlement reports from the bank's API, page by page.

No API of the bank for them is published: this is the wire format of the simulated bank, and an assumption. It has
limits of time and size of its own, and never touches the circuit breaker of payments.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Final

import httpx
import msgspec

from ports.settlements.settlement_source import (
    NothingSettled,
    ReadyReport,
    ReportsNotReady,
    ReportsReady,
    ReportUnavailable,
    SourceAnswer,
    SourceAway,
)

PAGES_MAX: Final = 1_000
PAGE_BYTES_MAX: Final = 16 * 1024 * 1024
REPORT_BYTES_MAX: Final = 64 * 1024 * 1024
PAGE_TIMEOUT: Final = timedelta(seconds=120)
RETRY_AFTER: Final = timedelta(minutes=30)
RETRY_AFTER_MAX: Final = timedelta(hours=12)

_NAME: Final = re.compile(r"settlement-(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.json", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


class ReportPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page; what is not named here is handed on in a single-page report, byte by byte."""

    report: str
    version: str
    merchant_id: str
    date: str
    page: int
    pages: int
    settlements: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class HdfcReports:
    """
    *headers* returns what says who asks, as for the order API.

    A report of several pages is put together as one of one page.
    """

    client: httpx.AsyncClient
    base_url: str
    headers: Callable[[], Mapping[str, str]] = field(repr=False)
    now: Callable[[], datetime]

    async def reports_of(self, day: date) -> SourceAnswer:
        try:
            status, headers, body = await self._fetch(day, 1)
        except ReportUnavailable as failure:
            return SourceAway(f"{failure}")
        match status:
            case HTTPStatus.OK:
                try:
                    self._page(body, day, 1)
                except ReportUnavailable as failure:
                    return SourceAway(f"{failure}")
                return ReportsReady((ReadyReport(f"settlement-{day.isoformat()}.json"),))
            case HTTPStatus.ACCEPTED:
                return ReportsNotReady(self.now() + _retry_after(headers))
            case HTTPStatus.NO_CONTENT:
                return NothingSettled()
            case _:
                return SourceAway(f"the bank answered with status {status}")

    @asynccontextmanager
    async def open(self, report: ReadyReport) -> AsyncIterator[AsyncIterator[bytes]]:
        named = _NAME.fullmatch(report.name)
        if named is None:
            raise ReportUnavailable("the bank has no report of that name")
        yield self._checked(report, self._pages(date.fromisoformat(named["day"])))

    async def _checked(
        self, report: ReadyReport, chunks: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """Pass *chunks* on, and raise behind the last one unless together they are what was announced."""
        size, digest = 0, hashlib.sha256()
        async for chunk in chunks:
            size += len(chunk)
            if size > REPORT_BYTES_MAX:
                raise ReportUnavailable(f"the report has more than {REPORT_BYTES_MAX} bytes")
            digest.update(chunk)
            yield chunk
        if report.size not in {None, size} or report.sha256 not in {None, digest.hexdigest()}:
            raise ReportUnavailable("the report has changed since it was announced")

    async def _pages(self, day: date) -> AsyncIterator[bytes]:
        """Yield the report of *day*; a page that is missing, comes twice or contradicts the first raises."""
        body = await self._body(day, 1)
        first = self._page(body, day, 1)
        if first.pages == 1:
            yield body
            return
        yield _opening(first)
        seen = set[bytes]()
        for number in range(1, first.pages + 1):
            page = first if number == 1 else self._page(await self._body(day, number), day, number)
            content = b",".join(bytes(each) for each in page.settlements)
            told = hashlib.sha256(content).digest()
            if page.pages != first.pages or page.merchant_id != first.merchant_id:
                raise ReportUnavailable(f"page {number} is of another report than the first")
            if not content or told in seen:
                raise ReportUnavailable(f"page {number} is empty or repeats an earlier one")
            seen.add(told)
            yield content if number == 1 else b"," + content
        yield b"]}"

    async def _body(self, day: date, number: int) -> bytes:
        status, _, body = await self._fetch(day, number)
        if status != HTTPStatus.OK:
            raise ReportUnavailable(f"page {number} came with status {status}")
        return body

    def _page(self, body: bytes, day: date, number: int) -> ReportPage:
        try:
            page = msgspec.json.decode(body, type=ReportPage)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise ReportUnavailable(f"page {number} is no report that can be read") from None
        if page.date != day.isoformat() or page.page != number:
            raise ReportUnavailable(f"page {number} is of another day or number")
        if not number <= page.pages <= PAGES_MAX:
            raise ReportUnavailable(
                f"the report has {page.pages} pages; at most {PAGES_MAX} are read"
            )
        return page

    async def _fetch(self, day: date, number: int) -> tuple[int, httpx.Headers, bytes]:
        """Return status, headers and body of one page, or raise ``ReportUnavailable`` without an answer in time."""
        request = self.client.build_request(
            "GET",
            f"{self.base_url.rstrip('/')}/settlements",
            params={"date": day.isoformat(), "format": "json", "page": number},
            headers={**self.headers(), "Accept": "application/json", "Accept-Encoding": "identity"},
        )
        try:
            async with asyncio.timeout(PAGE_TIMEOUT.total_seconds()):
                response = await self.client.send(request, stream=True, follow_redirects=False)
                try:
                    return response.status_code, response.headers, await _limited(response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ReportUnavailable(f"the bank did not answer: {type(error).__name__}") from None


async def _limited(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > PAGE_BYTES_MAX:
            raise ReportUnavailable(f"a page has more than {PAGE_BYTES_MAX} bytes")
    return bytes(body)


def _opening(first: ReportPage) -> bytes:
    """Return the beginning of the whole report, up to its settlements."""
    told = {
        "report": first.report,
        "version": first.version,
        "merchant_id": first.merchant_id,
        "date": first.date,
        "page": 1,
        "pages": 1,
    }
    return msgspec.json.encode(told)[:-1] + b',"settlements":['


def _retry_after(headers: httpx.Headers) -> timedelta:
    told = headers.get("retry-after", "").strip()
    seconds = timedelta(seconds=int(told)) if _SECONDS.fullmatch(told) else RETRY_AFTER
    return min(seconds, RETRY_AFTER_MAX)
