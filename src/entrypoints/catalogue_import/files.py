"""A file of records, CSV or JSON, read with the line of each so that faults can be found again."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from entrypoints.catalogue_import.fields import Record

FILE_BYTES_MAX: Final = 8 * 1024 * 1024
RECORDS_MAX: Final = 10_000
FAULTS_SHOWN: Final = 100
"""So many of the faults of a file are shown to a person, and how many more there are."""


class FileWrong(ValueError):
    """A file cannot be taken; *faults* are all there are, each with its place."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))

    @property
    def shown(self) -> tuple[str, ...]:
        """The first ``FAULTS_SHOWN`` faults, and how many more there are."""
        more = len(self.faults) - FAULTS_SHOWN
        return self.faults[:FAULTS_SHOWN] + ((f"and {more} more",) if more > 0 else ())


def records_in(path: Path) -> list[tuple[str, Record]]:
    """Return each record with the place to name when it is wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
        if len(raw) > FILE_BYTES_MAX:
            raise FileWrong([f"{path.name}: it is larger than {FILE_BYTES_MAX} bytes"])
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise FileWrong([f"{path.name}: it cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise FileWrong([f"{path.name}: it is not UTF-8 text"]) from None
    return records_of(text, path.name)


def records_of(text: str, name: str) -> list[tuple[str, Record]]:
    """Return each record of the *text* of the file *name*, with the place to name when it is wrong."""
    by_json = name.lower().endswith(".json") or text.lstrip().startswith(("[", "{"))
    records = list(_of_json(text) if by_json else _of_csv(text))
    if len(records) > RECORDS_MAX:
        raise FileWrong([f"{name}: it holds more than {RECORDS_MAX} records"])
    return records


def _of_json(text: str) -> Iterator[tuple[str, Record]]:
    try:
        # Amounts written as JSON numbers keep their digits: no float is ever made of them.
        decoded = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise FileWrong([f"line {line}: this is not JSON"]) from None
    if not isinstance(decoded, list):
        raise FileWrong(["line 1: the file holds a list of records"])
    lines = _lines_of_items(text)
    for number, each in enumerate(decoded):
        place = f"line {lines[number]}" if number < len(lines) else f"record {number + 1}"
        if not isinstance(each, dict):
            raise FileWrong([f"{place}: a record is an object"])
        yield place, each


def _lines_of_items(text: str) -> list[int]:
    """Return the line on which each object of the outer list begins."""
    decoder = json.JSONDecoder()
    at, lines = text.index("[") + 1, []
    while (begin := text.find("{", at)) >= 0:
        lines.append(text.count("\n", 0, begin) + 1)
        try:
            _, at = decoder.raw_decode(text, begin)
        except ValueError:
            break
    return lines


def _of_csv(text: str) -> Iterator[tuple[str, Record]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="", restval="")
    try:
        for row in reader:
            place = f"line {reader.line_num}"
            if "" in row:
                raise FileWrong([f"{place}: it has more cells than the heading"])
            if any(cell.strip() for cell in row.values()):
                yield place, {name.strip(): cell for name, cell in row.items()}
    except csv.Error as error:
        raise FileWrong([f"line {reader.line_num}: this is not CSV ({error})"]) from None


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no amount")
