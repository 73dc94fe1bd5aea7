"""Reads a settlement file: finds its layout, then turns row after row into lines and adds them up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final, NamedTuple

from adapters.settlement_files.decoding import encoding_of
from adapters.settlement_files.delimited import (
    DELIMITERS,
    DelimitedTable,
    head_lines,
    head_rows,
    newline_of,
)
from adapters.settlement_files.detection import Found, headers_in, the_one, wanted
from adapters.settlement_files.file_kind import REPORT_ENDINGS, FileKind, file_kind
from adapters.settlement_files.json_report import JsonReport, JsonTable, names_of
from adapters.settlement_files.limits import FILE_BYTES_MAX, SETTLEMENTS_MAX
from adapters.settlement_files.line_mapper import LineMapper, Skipped
from adapters.settlement_files.presets import Preset, Presets, normalised
from adapters.settlement_files.rows import Header, Row, Table, holds_all
from adapters.settlement_files.seen_keys import SeenKeys
from adapters.settlement_files.usual_lines import UsualLines
from adapters.settlement_files.workbook import open_workbook
from domain.settlements.amount_text import amount_of, paise_of
from domain.settlements.date_text import ColumnDatePattern
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import line_key
from domain.settlements.line_warning import (
    LineWarning,
    RejectedRow,
    RejectionReason,
    WarnedLine,
)
from domain.settlements.settlement_totals import (
    DeclaredTotals,
    RunningTotals,
    SettlementTotals,
    file_agrees_with,
)
from ports.settlements.settlement_file_reader import (
    FileFormat,
    FileRefusal,
    FileSummary,
    HoldReason,
    KnownPreset,
    SettlementFileReading,
    SettlementFileRefused,
)

MARKED_CELLS_MAX: Final = 4
"""A row of PAN and GST has no more cells that say something; a line has."""

_STARS: Final = frozenset("* ")
_ODD: Final = "'\u00a0\ufeff"


class Place(NamedTuple):
    """A row that is to be a line, who reads it, and whether it stands where a line can."""

    mapper: LineMapper
    row: Row
    fits: bool


@dataclass(frozen=True, slots=True)
class PresetFileReader:
    presets_known: Presets
    bytes_max: int = FILE_BYTES_MAX
    takes_usual_lines: bool = True
    """Whether rows as nearly all are written are read at once, with the same result."""

    def presets(self) -> Sequence[KnownPreset]:
        return [
            KnownPreset(name=each.name, version=each.version, about=each.about)
            for _, each in sorted(self.presets_known.reports.items())
        ]

    @contextmanager
    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, mid: str | None = None
    ) -> Iterator[SettlementFileReading]:
        kind = file_kind(file, name, REPORT_ENDINGS, self.bytes_max)
        presets = wanted(self.presets_known.reports, preset)
        with ExitStack() as stack:
            match kind:
                case FileKind.JSON:
                    yield self._json(file, presets, mid)
                case FileKind.XLSX | FileKind.XLS:
                    workbook = stack.enter_context(open_workbook(file, kind))
                    found = the_one(
                        [
                            each
                            for sheet in workbook.sheets
                            for each in headers_in(
                                workbook.table(sheet).rows(), presets, sheet=sheet
                            )
                        ]
                    )
                    form = self._form(found, encoding=None)
                    yield self._reading(form, workbook.table(found.sheet or ""), found.header, mid)
                case _:
                    yield self._text(file, presets, mid)

    def _json(
        self, file: BinaryIO, presets: Mapping[str, Preset], mid: str | None
    ) -> "PresetFileReading":
        encoding = encoding_of(file)
        newline = newline_of((head_lines(file, encoding) or [""])[0])
        file.seek(0)
        report = JsonReport.of(file, encoding)
        fitting = [each for each in presets.values() if report.shapes(each)]
        if len(fitting) != 1:
            raise SettlementFileRefused(
                FileRefusal.SEVERAL_PRESETS if fitting else FileRefusal.NO_PRESET,
                "more than one preset reads it" if fitting else "no preset finds its fields in it",
            )
        preset = fitting[0]
        names = names_of(preset)
        form = FileFormat(
            preset=preset.name,
            preset_version=preset.version,
            encoding=encoding.name,
            encoding_guessed=encoding.guessed,
            bom=encoding.bom,
            newline=newline,
        )
        if preset.json is None:
            raise AssertionError("only a preset with a JSON shape fits a JSON report")
        reading = self._reading(
            form,
            JsonTable(report, preset.json, names),
            Header(0, tuple(map(normalised, names))),
            mid,
        )
        reading.declared.extend(report.declared(preset))
        reading.pages_missing = report.pages_missing(preset.json)
        reading.totals_missing = report.totals_missing(preset.json)
        return reading

    def _text(
        self, file: BinaryIO, presets: Mapping[str, Preset], mid: str | None
    ) -> "PresetFileReading":
        encoding = encoding_of(file)
        lines = head_lines(file, encoding)
        found = the_one(
            [
                each
                for delimiter in DELIMITERS
                for each in headers_in(head_rows(lines, delimiter), presets, delimiter=delimiter)
            ]
        )
        form = replace(
            self._form(found, encoding.name),
            encoding_guessed=encoding.guessed,
            bom=encoding.bom,
            newline=newline_of(lines[found.row.line_no - 1]),
        )
        table = DelimitedTable(file, encoding, found.delimiter or ",")
        return self._reading(form, table, found.header, mid)

    def _form(self, found: Found, encoding: str | None) -> FileFormat:
        return FileFormat(
            preset=found.preset,
            preset_version=self.presets_known.reports[found.preset].version,
            encoding=encoding,
            delimiter=found.delimiter,
            header_line=found.row.line_no,
            sheet=found.sheet,
        )

    def _reading(
        self, form: FileFormat, table: Table, header: Header, mid: str | None
    ) -> "PresetFileReading":
        reports = self.presets_known.reports
        mapper = LineMapper(reports[form.preset], header, mid)
        if not mapper.names_a_merchant and mid is None and "mid" not in mapper.preset.constants:
            raise SettlementFileRefused(
                FileRefusal.NO_MERCHANT, f"{form.preset} does not name the MID: say which it is"
            )
        reading = PresetFileReading(
            form, table, reports, [mapper], mid, takes_usual_lines=self.takes_usual_lines
        )
        reading.find_dates()
        return reading


@dataclass(slots=True)
class PresetFileReading:
    """One file while it is read; the second table of a file has a mapper of its own."""

    format: FileFormat
    table: Table
    reports: Mapping[str, Preset]
    mappers: list[LineMapper]
    mid: str | None
    takes_usual_lines: bool = True
    declared: list[DeclaredTotals] = field(default_factory=list)
    pages_missing: bool = False
    totals_missing: bool = False
    _lines: int = 0
    _rejected: int = 0
    _skipped: int = 0
    _trailers: int = 0
    _warnings: Counter[LineWarning] = field(default_factory=Counter)
    _totals: dict[str, RunningTotals] = field(default_factory=dict)
    _seen: SeenKeys = field(default_factory=SeenKeys)

    def find_dates(self) -> None:
        """
        Read the file for its dates alone: each column has one pattern, the first that reads every row.

        It ends with the row that leaves each column one; most files are of one pattern from their first row on.
        """
        choices: dict[int, tuple[ColumnDatePattern, ColumnDatePattern]] = {}
        for piece in self._data_rows(self.table.rows()):
            if isinstance(piece, KeyedLine):  # none is, before the patterns of the dates are found
                continue
            mapper, row, _ = piece
            at = self.mappers.index(mapper)
            if at not in choices:
                dates = mapper.preset.dates
                choices[at] = (
                    ColumnDatePattern.among(dates.get("txn_at", [])),
                    ColumnDatePattern.among(dates["settled_on"]),
                )
            cells = mapper.date_cells(row.cells or ())
            if cells is not None:
                for choice, cell in zip(choices[at], cells, strict=True):
                    choice.try_on(cell)
                if not mapper.preset.sections and all(each.is_settled for each in choices[at]):
                    break
        for at, (txn_at, settled_on) in choices.items():
            self.mappers[at].txn_at = txn_at.chosen
            self.mappers[at].settled_on = settled_on.chosen
        self.declared.clear()
        self._skipped = self._trailers = 0

    def items(self) -> Iterator[KeyedLine | RejectedRow | WarnedLine]:
        for piece in self._data_rows(self._pieces()):
            if isinstance(piece, KeyedLine):
                occurrence = self._seen.occurrence(piece.line_key)
                line = piece if occurrence == 1 else piece._replace(occurrence=occurrence)
                self._add(line)
                yield line
            else:
                yield from self._read(piece)

    def _read(self, place: Place) -> Iterator[KeyedLine | RejectedRow | WarnedLine]:
        mapper, row, fits = place
        if not fits:
            self._rejected += 1
            yield mapper.rejected(row, row.line_no, RejectionReason.ROW_NOT_READ)
            return
        read, noticed = mapper.read(row, row.line_no)
        if isinstance(read, Skipped):
            self._skipped += 1
        elif isinstance(read, RejectedRow):
            self._rejected += 1
            yield read
        else:
            key = line_key(read)
            occurrence = self._seen.occurrence(bytes.fromhex(key))
            line = KeyedLine.of(
                read if occurrence == 1 else replace(read, occurrence=occurrence), key
            )
            self._add(line)
            yield line
            for each in noticed:
                self._warnings[each.warning] += 1
                yield each

    def _add(self, line: KeyedLine) -> None:
        self._lines += 1
        totals = self._totals.get(line.settlement)
        if totals is None:
            if len(self._totals) >= SETTLEMENTS_MAX:
                raise SettlementFileRefused(
                    FileRefusal.TOO_MANY_SETTLEMENTS,
                    f"at most {SETTLEMENTS_MAX} settlements are read",
                    line.line_no,
                )
            totals = self._totals[line.settlement] = RunningTotals(line)
        totals.add(line)

    def summary(self) -> FileSummary:
        settlements = [each.totals() for each in self._totals.values()]
        return FileSummary(
            format=self.format,
            line_count=self._lines,
            rejected_count=self._rejected,
            skipped_count=self._skipped,
            warnings=dict(self._warnings),
            settlements=tuple(settlements),
            declared=tuple(self.declared),
            held_for=tuple(self._held_for(settlements)),
        )

    def _held_for(self, settlements: list[SettlementTotals]) -> Iterator[HoldReason]:
        if self._rejected:
            yield HoldReason.ROWS_REJECTED
        trailer = self.mappers[0].preset.trailer
        if self.totals_missing or (trailer.presence == "required" and not self._trailers):
            yield HoldReason.TOTALS_MISSING
        if not all(self._agrees(each, settlements) for each in self.declared):
            yield HoldReason.TOTALS_DIFFER
        if self.pages_missing:
            yield HoldReason.PAGES_MISSING

    def _agrees(self, declared: DeclaredTotals, settlements: list[SettlementTotals]) -> bool:
        if declared.settlement_id is None:
            return file_agrees_with(declared, settlements)
        told = [each for each in settlements if each.settlement_id == declared.settlement_id]
        return file_agrees_with(declared, told)

    def _pieces(self) -> Iterator[Row | KeyedLine]:
        """Yield what stands in the table; usual lines are read at once, and are neither marks nor totals."""
        table, mapper = self.table, self.mappers[0]
        if self.takes_usual_lines and isinstance(table, DelimitedTable):
            lines = UsualLines.of(mapper, table.delimiter)
            if lines is not None:
                return table.rows_but(lines.reader(), behind=mapper.header.line_no)
        return table.rows()

    def _data_rows(self, pieces: Iterable[Row | KeyedLine]) -> Iterator[Place | KeyedLine]:
        """
        Yield the rows that are to be lines, and count the others; lines that are read already stay as they are.

        A row of one word that begins a second table is followed by the header of that table.
        """
        mapper, at, awaited = self.mappers[0], 0, None
        for row in pieces:
            if isinstance(row, KeyedLine):
                yield row
                continue
            cells = row.cells
            if row.line_no <= mapper.header.line_no:
                self._skipped += row.line_no < mapper.header.line_no
                continue
            if cells is not None and self._is_none(cells, mapper.preset):
                self._skipped += 1
                continue
            if cells is not None and (section := _section(cells, mapper.preset)) is not None:
                awaited = self.reports.get(section)
                self._skipped += 1
                continue
            if awaited is not None:
                if cells is not None and holds_all(cells, awaited.required):
                    at += 1
                    if at == len(self.mappers):
                        header = Header.of(row.line_no, cells)
                        self.mappers.append(LineMapper(awaited, header, self.mid))
                    mapper, awaited = self.mappers[at], None
                    self._skipped += 1
                else:
                    yield Place(mapper, row, fits=False)
                continue
            if cells is not None and self._is_trailer(row.line_no, cells, mapper):
                self._skipped += 1
                continue
            yield Place(mapper, row, fits=True)

    def _is_none(self, cells: Sequence[str], preset: Preset) -> bool:
        """Whether a row is blank, only asterisks, or one of those that the preset skips."""
        first = cells[0].strip().upper() if cells else ""
        if not first:
            return not any(map(str.strip, cells))
        if any(_begins(first, word) for word in preset.skip_rows):
            return sum(1 for cell in cells if cell.strip()) <= MARKED_CELLS_MAX
        return first[0] == "*" and all(_STARS.issuperset(cell) for cell in cells)

    def _is_trailer(self, line_no: int, cells: Sequence[str], mapper: LineMapper) -> bool:
        """Whether a row is the totals; what it declares is taken then, and has to be readable."""
        trailer = mapper.preset.trailer
        if trailer.presence == "none" or not cells:
            return False
        if cells[0].strip(_ODD + " ").upper() != trailer.word.upper():
            return False
        self._trailers += 1
        self.declared.append(_declared(line_no, cells, mapper))
        return True


def _declared(line_no: int, cells: Sequence[str], mapper: LineMapper) -> DeclaredTotals:
    """Return what a row of totals declares; refuse the file where a figure of it cannot be read."""
    trailer = mapper.preset.trailer
    read_amount = amount_of if mapper.preset.unit == "rupees" else paise_of
    lines = net = None
    count = "" if trailer.lines_at is None else _cell(cells, trailer.lines_at - 1)
    if count:
        lines = paise_of(count)
    told = [
        _cell(cells, at)
        for name in mapper.preset.columns.get("net", [])
        if (at := mapper.header.at(name)) is not None
    ]
    net_text = told[0] if told else ""
    if net_text:
        net = read_amount(net_text)
    if (count and lines is None) or (net_text and net is None):
        raise SettlementFileRefused(FileRefusal.DAMAGED, "its totals cannot be read", line_no)
    return DeclaredTotals(lines=None if lines is None else lines.paise, net=net)


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _section(cells: Sequence[str], preset: Preset) -> str | None:
    """Return the preset of the second table that a row of one word begins, or None."""
    if not preset.sections:
        return None
    told = [cell.strip().upper() for cell in cells if cell.strip()]
    if len(told) != 1:
        return None
    return next((name for word, name in preset.sections.items() if word.upper() == told[0]), None)


def _begins(text: str, word: str) -> bool:
    """Whether *text* begins with *word* and goes on with something else than a letter or digit."""
    rest = text[len(word) :]
    return text.startswith(word) and not rest[:1].isalnum()
