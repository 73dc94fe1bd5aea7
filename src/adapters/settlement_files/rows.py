"""Rows of a file as cells of text, wherever they come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.settlement_files.presets import normalised
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the physical line at which it begins, and its cells; None where it could not be taken apart."""

    line_no: int
    cells: list[str] | None
    has_formula: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns as they stand in the file, and at which line."""

    line_no: int
    names: tuple[str, ...]

    @classmethod
    def of(cls, line_no: int, cells: Sequence[str]) -> "Header":
        """Return the header of *cells* without blank ones at its end; refuse a name that stands there twice."""
        names = [normalised(cell) for cell in cells]
        while names and not names[-1]:
            names.pop()
        told = [name for name in names if name]
        if len(set(told)) < len(told):
            raise SettlementFileRefused(
                FileRefusal.HEADER_REPEATED, "a name stands twice in its header", line_no
            )
        return cls(line_no, tuple(names))

    def at(self, name: str) -> int | None:
        """Return the place of the column *name*, or None."""
        wanted = normalised(name)
        return self.names.index(wanted) if wanted in self.names else None


class Table(Protocol):
    """Rows that can be read more than once, from the first row of the file on."""

    def rows(self) -> Iterator[Row]: ...


def holds_all(cells: Sequence[str], required: Sequence[str]) -> bool:
    """Whether a row holds every required name, whatever case and blanks are."""
    names = {normalised(cell) for cell in cells}
    return all(normalised(each) in names for each in required)
