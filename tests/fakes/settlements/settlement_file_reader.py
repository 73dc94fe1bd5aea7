"""A reader whose files were read already: it gives what a test put in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import line_key
from domain.settlements.line_warning import RejectedRow, WarnedLine
from domain.settlements.settlement_line import SettlementLine
from domain.settlements.settlement_totals import DeclaredTotals
from ports.settlements.settlement_file_reader import (
    FileFormat,
    FileSummary,
    HoldReason,
    KnownPreset,
)


@dataclass(slots=True)
class ReadAlready:
    """Is the file and its reader in one; a rejected row holds it, as in any other."""

    lines: Sequence[SettlementLine] = ()
    rejected: Sequence[RejectedRow] = ()
    warnings: Sequence[WarnedLine] = ()
    declared: Sequence[DeclaredTotals] = ()
    asked_for: list[tuple[str, str | None, str | None]] = field(default_factory=list)

    def presets(self) -> Sequence[KnownPreset]:
        return []

    @contextmanager
    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, mid: str | None = None
    ) -> Iterator["ReadAlready"]:
        del file
        self.asked_for.append((name, preset, mid))
        yield self

    @property
    def format(self) -> FileFormat:
        return FileFormat(preset="fake", preset_version=1, encoding="utf-8")

    def items(self) -> Iterator[KeyedLine | RejectedRow | WarnedLine]:
        yield from (KeyedLine.of(line, line_key(line)) for line in self.lines)
        yield from self.rejected
        yield from self.warnings

    def summary(self) -> FileSummary:
        return FileSummary(
            format=self.format,
            line_count=len(self.lines),
            rejected_count=len(self.rejected),
            skipped_count=0,
            warnings={},
            settlements=(),
            declared=tuple(self.declared),
            held_for=(HoldReason.ROWS_REJECTED,) if self.rejected else (),
        )
