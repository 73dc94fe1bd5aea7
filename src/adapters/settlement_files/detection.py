"""Which preset reads a file, and where its header stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from adapters.settlement_files.limits import HEADER_ROWS_MAX
from adapters.settlement_files.rows import Header, Row, holds_all
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused


class _Layout(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def required(self) -> list[str]: ...


AnyPreset = TypeVar("AnyPreset", bound=_Layout)


@dataclass(frozen=True, slots=True)
class Found:
    """A row that holds everything that a preset requires."""

    preset: str
    row: Row
    delimiter: str | None = None
    sheet: str | None = None

    @property
    def header(self) -> Header:
        return Header.of(self.row.line_no, self.row.cells or ())


def headers_in(
    rows: Iterable[Row],
    presets: Mapping[str, AnyPreset],
    *,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> list[Found]:
    """Return the headers among the first rows: of each preset the first, and of all only those highest up."""
    found: list[Found] = []
    for seen, row in enumerate(rows):
        if seen >= HEADER_ROWS_MAX or row.line_no > HEADER_ROWS_MAX:
            break
        found = [
            Found(name, row, delimiter, sheet)
            for name, preset in presets.items()
            if preset.required and row.cells and holds_all(row.cells, preset.required)
        ]
        if found:
            break
    return found


def the_one(found: Sequence[Found]) -> Found:
    """Return the only header that was found; refuse none, and refuse several: a person names the preset then."""
    if not found:
        raise SettlementFileRefused(
            FileRefusal.NO_PRESET, "no preset finds its columns among the first rows"
        )
    highest = min(each.row.line_no for each in found)
    rest = [each for each in found if each.row.line_no == highest or each.sheet is not None]
    if len({(each.preset, each.sheet, each.delimiter) for each in rest}) > 1:
        names = ", ".join(sorted({each.preset for each in rest}))
        raise SettlementFileRefused(
            FileRefusal.SEVERAL_PRESETS, f"more than one table or preset reads it ({names})"
        )
    return rest[0]


def wanted(presets: Mapping[str, AnyPreset], name: str | None) -> Mapping[str, AnyPreset]:
    """Return the presets to try: all, or the one that is *name*; refuse a name that is none."""
    if name is None:
        return presets
    if name not in presets:
        raise SettlementFileRefused(FileRefusal.PRESET_UNKNOWN, "no preset of that name is known")
    return {name: presets[name]}
