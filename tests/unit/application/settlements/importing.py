"""A world in memory into which settlement files and statements are imported."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, BinaryIO

from application.settlements.import_settlement_file import ImportSettlementFile, IncomingFile
from contracts.settlements.settlement_files_contract import totals_of
from domain.settlements.line_key import line_key
from domain.settlements.line_warning import RejectedRow, WarnedLine
from domain.settlements.settlement_line import SettlementLine
from domain.settlements.settlement_report import FileOrigin
from fakes.clock import StoppedClock
from fakes.file_store import Shelf
from fakes.memory import Memory
from fakes.samples import BY_STAFF
from fakes.settlements.settlement_file_reader import ReadAlready
from ports.settlements.settlement_file_reader import (
    FileSummary,
    KnownPreset,
    SettlementFileRefused,
)
from ports.settlements.settlement_files import SettlementFile


@dataclass(slots=True)
class Report(ReadAlready):
    """A file that was read already, whose lines are summed up by settlement."""

    refused: SettlementFileRefused | None = None
    before: Sequence[WarnedLine] = ()

    def items(self) -> Any:
        for line in self.lines:
            yield from ReadAlready(
                lines=[line],
                warnings=[each for each in self.warnings if each.line_no == line.line_no],
            ).items()
        yield from self.rejected
        if self.refused is not None:
            raise self.refused

    def summary(self) -> FileSummary:
        told = ReadAlready.summary(self)
        return replace(told, settlements=tuple(totals_of(self.lines)))


@dataclass(slots=True)
class Reports:
    """Reads each content as the report that a test put there for it."""

    known: dict[bytes, Report | SettlementFileRefused] = field(default_factory=dict)
    wanted: list[tuple[str | None, str | None]] = field(default_factory=list)

    def presets(self) -> Sequence[KnownPreset]:
        return []

    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, mid: str | None = None
    ) -> Any:
        self.wanted.append((preset, mid))
        told = self.known[file.read()]
        if isinstance(told, SettlementFileRefused):
            raise told
        return told.read(BytesIO(), name)


@dataclass(slots=True)
class Imports:
    memory: Memory = field(default_factory=Memory)
    shelf: Shelf = field(default_factory=Shelf)
    reader: Reports = field(default_factory=Reports)
    clock: StoppedClock = field(default_factory=StoppedClock)

    @property
    def use_case(self) -> ImportSettlementFile:
        return ImportSettlementFile(
            self.memory.settlement_files, self.shelf, self.reader, self.clock
        )

    def put(
        self, content: bytes, *lines: SettlementLine, rejected: Sequence[RejectedRow] = ()
    ) -> None:
        self.reader.known[content] = Report(lines=lines, rejected=rejected)

    async def bring(
        self, content: bytes, *, preset: str | None = None, mid: str | None = None
    ) -> SettlementFile:
        incoming = IncomingFile(
            name="mpr.csv",
            content=BytesIO(content),
            origin=FileOrigin.COMMAND,
            preset=preset,
            mid=mid,
        )
        return await self.use_case(incoming, BY_STAFF)

    async def live(self) -> list[str]:
        """Return the keys of the lines that count, in order."""
        return sorted(
            line_key(row.told.line)
            for row in self.memory.store.settlement_lines.values()
            if row.state == "live"
        )

    def actions(self) -> list[str]:
        return [entry.action for entry in self.memory.store.audit]
