"""The fake, the folder and the bank's API keep the contract; the folder leaves growing files alone."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio

from adapters.hdfc.settlement.reports import HdfcReports
from adapters.settlement_files.folder_source import STILL_FOR, FolderSource
from contracts.settlements.settlement_source_contract import (
    CONTENT,
    DAY,
    Put,
    SettlementSourceContract,
    fetched,
)
from fakes.settlements.settlement_source import MemorySource
from ports.settlements.settlement_source import (
    NothingSettled,
    ReadyReport,
    ReportsNotReady,
    ReportsReady,
    ReportUnavailable,
    SourceAway,
)

NOW: Final = datetime(2026, 11, 14, 6, tzinfo=UTC)


class TestMemorySource(SettlementSourceContract):
    @pytest.fixture
    def source(self) -> MemorySource:
        return MemorySource()

    @pytest.fixture
    def put(self, source: MemorySource) -> Put:
        return lambda day, content: source.put(day, f"upi-{day}.json", content)


def write(folder: Path, name: str, content: bytes, age: timedelta = STILL_FOR) -> None:
    """Put a file into *folder* that was written *age* ago."""
    (folder / name).write_bytes(content)
    os.utime(folder / name, times=((NOW - age).timestamp(),) * 2)


class TestFolderSource(SettlementSourceContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> FolderSource:
        return FolderSource(tmp_path, lambda: NOW)

    @pytest.fixture
    def put(self, tmp_path: Path) -> Put:
        return lambda day, content: write(tmp_path, f"upi-{day}.json", content)

    async def test_a_file_that_may_be_growing_is_left_alone(
        self, source: FolderSource, tmp_path: Path
    ) -> None:
        """
        For sixty seconds after it was written.
        """
        write(tmp_path, "upi-2026-11-13.csv", b"a", STILL_FOR - timedelta(seconds=1))

        assert await source.reports_of(DAY) == ReportsNotReady(NOW + STILL_FOR)

    @pytest.mark.parametrize(
        ("name", "day"),
        [
            ("MPR_13112026.csv", DAY),
            ("MPR_20261113_2.txt", DAY),
            ("mpr 13-11-2026.xlsx", DAY),
            ("mpr-13-NOV-2026.xls", DAY),
            ("2026-11-13.json", DAY),
            ("mpr.csv", date(2026, 11, 14)),
            ("mpr-99999999.csv", date(2026, 11, 14)),
        ],
    )
    async def test_the_day_stands_in_the_name(
        self, name: str, day: date, source: FolderSource, tmp_path: Path
    ) -> None:
        """
        Or else it is the day on which the file was written, in India.
        """
        write(tmp_path, name, b"a")

        assert isinstance(await source.reports_of(day), ReportsReady)

    async def test_other_files_are_passed_over(self, source: FolderSource, tmp_path: Path) -> None:
        """
        Hidden and empty ones, other kinds, folders and links.
        """
        write(tmp_path, ".upi-2026-11-13.csv", b"a")
        write(tmp_path, "upi-2026-11-13.csv.part", b"a")
        write(tmp_path, "empty-2026-11-13.csv", b"")
        (tmp_path / "2026-11-13.csv").mkdir()
        (tmp_path / "link-2026-11-13.csv").symlink_to("/etc/hostname")

        assert await source.reports_of(DAY) == ReportsNotReady(None)

    async def test_a_name_does_not_lead_out_of_the_folder(
        self, source: FolderSource, tmp_path: Path
    ) -> None:
        """
        Neither by its parts nor by a link.
        """
        (tmp_path / "link.csv").symlink_to("/etc/hostname")

        for name in ("../secret.csv", "link.csv"):
            with pytest.raises(ReportUnavailable):
                await fetched(source, ReadyReport(name))

    async def test_a_folder_that_is_not_there_is_away(self, tmp_path: Path) -> None:
        """
        And nothing is raised.
        """
        source = FolderSource(tmp_path / "none", lambda: NOW)

        assert isinstance(await source.reports_of(DAY), SourceAway)


@dataclass
class Bank:
    """Answers for the reports of a day, page by page, with statuses and bodies that a test puts there."""

    pages: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def put(self, day: date, content: bytes, page: int = 1) -> None:
        self.answer(httpx.Response(200, content=content), day, page)

    def answer(self, response: httpx.Response, day: date = DAY, page: int = 1) -> None:
        self.pages[day.isoformat(), str(page)] = response

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        asked = request.url.params
        told = self.pages.get((asked["date"], asked["page"]))
        if told is None:
            told = httpx.Response(202, headers={"Retry-After": "600"})
        body = httpx.ByteStream(told.content)  # not read yet, as from a socket
        return httpx.Response(told.status_code, headers=told.headers, stream=body)


def page(number: int, pages: int, *settlements: str, **other: str) -> bytes:
    """Return one page of a report."""
    told = {
        "report": "settlement",
        "version": "1",
        "merchant_id": "M",
        "date": "2026-11-13",
    } | other
    return json.dumps(told | {"page": number, "pages": pages, "settlements": settlements}).encode()


class TestHdfcReports(SettlementSourceContract):
    @pytest.fixture
    def bank(self) -> Bank:
        return Bank()

    @pytest_asyncio.fixture
    async def source(self, bank: Bank) -> AsyncIterator[HdfcReports]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(bank)) as client:
            yield HdfcReports(
                client, "https://bank.test/", lambda: {"Authorization": "Basic x"}, lambda: NOW
            )

    @pytest.fixture
    def put(self, bank: Bank) -> Put:
        return bank.put

    async def test_each_answer_of_the_bank_is_a_value(
        self, source: HdfcReports, bank: Bank
    ) -> None:
        """
        Nothing settled, not ready with its time, and everything else as away: nothing is raised.
        """
        assert await source.reports_of(DAY) == ReportsNotReady(NOW + timedelta(minutes=10))
        bank.answer(httpx.Response(202))
        assert await source.reports_of(DAY) == ReportsNotReady(NOW + timedelta(minutes=30))
        bank.answer(httpx.Response(204))
        assert await source.reports_of(DAY) == NothingSettled()
        for other in (
            httpx.Response(404),
            httpx.Response(302, headers={"Location": "https://elsewhere.test"}),
            httpx.Response(200, content=b"<html>"),
            httpx.Response(200, content=page(1, 1, date="2026-11-12")),
        ):
            bank.answer(other)
            assert isinstance(await source.reports_of(DAY), SourceAway)
        assert {request.headers["Authorization"] for request in bank.asked} == {"Basic x"}
        assert {request.url.host for request in bank.asked} == {"bank.test"}

    async def test_a_bank_that_does_not_answer_is_away(self) -> None:
        """
        And its report is unavailable, if it was announced before.
        """

        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

        async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
            source = HdfcReports(client, "https://bank.test", dict, lambda: NOW)

            assert await source.reports_of(DAY) == SourceAway(
                "the bank did not answer: ConnectError"
            )
            with pytest.raises(ReportUnavailable):
                await fetched(source, ReadyReport("settlement-2026-11-13.json"))

    async def test_pages_are_put_together_in_their_order(
        self, source: HdfcReports, bank: Bank
    ) -> None:
        """
        To the last one announced, as one report of one page.
        """
        for number, told in enumerate("abc", 1):
            bank.put(DAY, page(number, 3, told, told.upper()), number)
        whole = json.loads(await fetched(source, ReadyReport("settlement-2026-11-13.json")))

        assert whole["settlements"] == ["a", "A", "b", "B", "c", "C"]
        assert (whole["page"], whole["pages"], whole["date"]) == (1, 1, "2026-11-13")

    @pytest.mark.parametrize(
        "second",
        [
            page(2, 2, "a"),
            page(2, 3, "b"),
            page(1, 2, "b"),
            page(2, 2, "b", date="2026-11-12"),
            page(2, 2, "b", merchant_id="N"),
            page(2, 2),
            b"{}",
            None,
        ],
    )
    async def test_a_page_that_does_not_belong_makes_the_report_unavailable(
        self, second: bytes | None, source: HdfcReports, bank: Bank
    ) -> None:
        """
        One that repeats another, changes the count, is of another day or merchant, is empty, or does not come.
        """
        bank.put(DAY, page(1, 2, "a"))
        if second is not None:
            bank.put(DAY, second, 2)

        with pytest.raises(ReportUnavailable):
            await fetched(source, ReadyReport("settlement-2026-11-13.json"))

    async def test_pages_and_sizes_have_limits(
        self, source: HdfcReports, bank: Bank, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        A report without end is not read.
        """
        bank.put(DAY, page(1, 1001, "a"))
        assert isinstance(await source.reports_of(DAY), SourceAway)
        bank.put(DAY, CONTENT)
        monkeypatch.setattr("adapters.hdfc.settlement.reports.PAGE_BYTES_MAX", 10)
        assert isinstance(await source.reports_of(DAY), SourceAway)
