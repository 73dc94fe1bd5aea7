"""What every source of settlement files has to keep."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest

from ports.settlements.settlement_source import (
    ReadyReport,
    ReportsNotReady,
    ReportsReady,
    ReportUnavailable,
    SettlementSource,
)

DAY: Final = date(2026, 11, 13)
CONTENT: Final = (
    b'{"report":"settlement","version":"1","merchant_id":"M","date":"2026-11-13",'
    b'"page":1,"pages":1,"settlements":[]}'
)
Put = Callable[[date, bytes], object]


async def fetched(source: SettlementSource, report: ReadyReport) -> bytes:
    """Return the whole content of *report*."""
    async with source.open(report) as chunks:
        return b"".join([chunk async for chunk in chunks])


class SettlementSourceContract:
    async def test_a_report_is_listed_on_its_day_and_fetched_whole(
        self, source: SettlementSource, put: Put
    ) -> None:
        """
        With the size and hash that were announced, and not on another day.
        """
        put(DAY, CONTENT)
        answer = await source.reports_of(DAY)

        assert isinstance(answer, ReportsReady)
        (report,) = answer.reports
        assert report.name
        assert report.size in {None, len(CONTENT)}
        assert report.sha256 in {None, hashlib.sha256(CONTENT).hexdigest()}
        assert await fetched(source, report) == CONTENT
        assert not isinstance(await source.reports_of(DAY + timedelta(days=1)), ReportsReady)

    async def test_it_is_there_still_after_it_was_fetched(
        self, source: SettlementSource, put: Put
    ) -> None:
        """
        Nothing is moved: fetching again gives the same bytes.
        """
        put(DAY, CONTENT)
        first = await source.reports_of(DAY)
        assert isinstance(first, ReportsReady)

        assert await fetched(source, first.reports[0]) == await fetched(source, first.reports[0])
        assert await source.reports_of(DAY) == first

    async def test_a_day_of_which_nothing_is_there_is_not_ready(
        self, source: SettlementSource
    ) -> None:
        """
        Silence is never taken for a day without settlement.
        """
        assert isinstance(await source.reports_of(DAY), ReportsNotReady)

    async def test_a_report_that_is_gone_or_changed_is_unavailable(
        self, source: SettlementSource, put: Put
    ) -> None:
        """
        Rather than taken in part or as another one.
        """
        put(DAY, CONTENT)
        answer = await source.reports_of(DAY)
        assert isinstance(answer, ReportsReady)
        report = answer.reports[0]

        for other in (
            replace(report, name="settlement-2026-11-14.json"),
            replace(report, sha256="0" * 64),
        ):
            with pytest.raises(ReportUnavailable):
                await fetched(source, other)
