"""The fake and the folder keep the contract; the folder leaves growing files alone."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from adapters.settlement_files.folder_source import STILL_FOR, FolderSource
from contracts.settlements.settlement_source_contract import (
    DAY,
    Put,
    SettlementSourceContract,
    fetched,
)
from fakes.settlements.settlement_source import MemorySource
from ports.settlements.settlement_source import (
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
        return source.put


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
        return lambda _, name, content: write(tmp_path, name, content)

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
