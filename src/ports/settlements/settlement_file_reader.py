"""Reads a settlement file of any known layout line by line, so that a file of any size fits in memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from domain.errors import DomainError
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import LineWarning, RejectedRow, WarnedLine
from domain.settlements.settlement_totals import DeclaredTotals, SettlementTotals


class FileRefusal(StrEnum):
    TOO_LARGE = "too_large"
    INFLATES_TOO_FAR = "inflates_too_far"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_SETTLEMENTS = "too_many_settlements"
    CELL_TOO_LONG = "cell_too_long"
    NAME_NOT_TAKEN = "name_not_taken"
    """The name ends in something else than the kinds of file that are read."""

    WRONG_KIND = "wrong_kind"
    """The content is of another kind than the name says, such as HTML in a file named .xls."""

    NOT_DECODED = "not_decoded"
    XML_WITH_DTD = "xml_with_dtd"
    ENCRYPTED = "encrypted"
    WITH_MACROS = "with_macros"
    DAMAGED = "damaged"
    NO_PRESET = "no_preset"
    """No preset's required columns are all there."""

    SEVERAL_PRESETS = "several_presets"
    """More than one preset reads it: a person has to name one."""

    PRESET_UNKNOWN = "preset_unknown"
    HEADER_REPEATED = "header_repeated"
    NO_MERCHANT = "no_merchant"
    """The file does not say which MID it is about, and nobody else did."""

    NO_ACCOUNT = "no_account"
    """The statement does not say which account it is of, and nobody else did."""

    ANOTHER_ACCOUNT = "another_account"
    CURRENCY_NOT_INR = "currency_not_inr"


class SettlementFileRefused(DomainError):
    """
    Nothing of the file is taken; *detail* says what was found, and *line_no* where, if it is at one place.

    The detail repeats names of presets and columns of ours, and nothing of the content.
    """

    def __init__(self, reason: FileRefusal, detail: str, line_no: int | None = None) -> None:
        self.reason, self.detail, self.line_no = reason, detail, line_no
        place = "" if line_no is None else f" (line {line_no})"
        super().__init__(f"the file is not taken: {detail}{place}")


class HoldReason(StrEnum):
    """Why a file is held: its lines can be read, nothing is posted, and nothing is concluded from absence."""

    ROWS_REJECTED = "rows_rejected"
    TOTALS_MISSING = "totals_missing"
    """The preset's files always end with totals, and this one does not: it may be cut off."""

    TOTALS_DIFFER = "totals_differ"
    PAGES_MISSING = "pages_missing"
    """The report says that it has more pages than are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How a file is written, and by which preset it is read."""

    preset: str
    preset_version: int
    encoding: str | None
    encoding_guessed: bool = False
    """Whether the encoding is a guess, which a person should see before the file is taken."""

    bom: bool = False
    newline: str | None = None
    """``LF``, ``CRLF`` or ``CR``; None in a workbook."""

    delimiter: str | None = None
    header_line: int | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """What a whole file comes to. Every row behind the header is a line, rejected, or counted as skipped."""

    format: FileFormat
    line_count: int
    rejected_count: int
    skipped_count: int
    """Rows before the header, blank rows, marks, totals, summaries and what the bank has not settled yet."""

    warnings: Mapping[LineWarning, int]
    settlements: tuple[SettlementTotals, ...]
    """In the order of their first line."""

    declared: tuple[DeclaredTotals, ...]
    held_for: tuple[HoldReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPreset:
    """A layout that can be read."""

    name: str
    version: int
    about: str


class SettlementFileReading(Protocol):
    """One file that is being read."""

    @property
    def format(self) -> FileFormat: ...

    def items(self) -> Iterator[KeyedLine | RejectedRow | WarnedLine]:
        """
        Yield lines, rejected rows and warnings in the order of the file, once; a warning follows its line.

        The occurrences of a line key are counted; no line has its warnings yet.

        Raises ``SettlementFileRefused`` where a limit is met on the way: then nothing of the file counts.
        """
        ...

    def summary(self) -> FileSummary:
        """Return what was read, once ``items`` has ended."""
        ...


class SettlementFileReader(Protocol):
    """
    Nothing in a file raises anything but ``SettlementFileRefused``, which means that nothing of it is taken.

    All of this blocks, maybe for minutes: call it in a thread.
    """

    def presets(self) -> Sequence[KnownPreset]:
        """Return the layouts that are known, by name."""
        ...

    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, mid: str | None = None
    ) -> AbstractContextManager[SettlementFileReading]:
        """
        Begin to read *file*, which is whole and can be rewound: ``with reader.read(...) as reading``.

        *name* says by its ending what kind of file it is. Without *preset*, the one whose required columns are all
        there is taken. *mid* stands in where a layout does not name the MID. Raises ``SettlementFileRefused``.
        """
        ...
