"""Reports in JSON as rows: each item is a row, and what its group says is part of it."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec

from adapters.settlement_files.decoding import Encoding
from adapters.settlement_files.limits import CELL_CHARS_MAX, ROWS_MAX
from adapters.settlement_files.presets import JsonShape, Preset
from adapters.settlement_files.rows import Row
from domain.money import Money
from domain.settlements.amount_text import amount_of, paise_of
from domain.settlements.id_text import IdNotTaken, id_of
from domain.settlements.settlement_totals import DeclaredTotals
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

GROUP: Final = "group."
_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list: Final = msgspec.json.Decoder(list[msgspec.Raw])
_values: Final = msgspec.json.Decoder(dict[str, Any], float_hook=str)
_value: Final = msgspec.json.Decoder(Any, float_hook=str)

Fields = Mapping[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class JsonReport:
    """The top of a report; its lists are taken apart item by item."""

    top: Fields

    @classmethod
    def of(cls, file: BinaryIO, encoding: Encoding) -> "JsonReport":
        """Return the report in *file*, or refuse it: no JSON, or no object."""
        content = file.read()
        if encoding.name != "utf-8":
            content = content.decode(encoding.codec).encode()
        return cls(_fields(content.removeprefix(BOM_UTF8)))

    def shapes(self, preset: Preset) -> bool:
        """Whether the lists that *preset* reads are there, and the first line has what it requires."""
        shape = preset.json
        if shape is None or not self._is_list(shape.groups or shape.items):
            return False
        first = next(self.records(shape), None)
        return first is None or set(preset.required) <= set(first)

    def pages_missing(self, shape: JsonShape) -> bool:
        """Whether the report says that it is one of several pages."""
        named = [name for name in (shape.page, shape.pages) if name is not None]
        return any(name in self.top and _decoded(self.top[name]) != 1 for name in named)

    def records(self, shape: JsonShape) -> Iterator[dict[str, str]]:
        """Yield each line with its own values and those of its group, as text."""
        for group in self._groups(shape):
            beside = {
                GROUP + name: text
                for name, raw in group.items()
                if name != shape.items and (text := _text(raw)) is not None
            }
            for item in _items(group.get(shape.items)):
                values = {name: text for name, text in _texts(item).items() if text is not None}
                yield beside | values if shape.groups else values

    def declared(self, preset: Preset) -> Iterator[DeclaredTotals]:
        """Yield what each group declares about itself; a figure that cannot be read refuses the file."""
        shape = preset.json
        if shape is None or not shape.totals:
            return
        for group in self._groups(shape):
            totals = _fields(group["totals"]) if "totals" in group else {}
            told = {name: _text(totals[at]) for name, at in shape.totals.items() if at in totals}
            yield DeclaredTotals(
                settlement_id=_id(group.get("settlement_id")),
                utr=_id(group.get("utr")),
                lines=_count(told.get("lines")),
                credits=_amount(preset, told.get("credits")),
                debits=_amount(preset, told.get("debits")),
                fee=_amount(preset, told.get("fee")),
                tax=_amount(preset, told.get("tax")),
                net=_amount(preset, told.get("net")),
            )

    def totals_missing(self, shape: JsonShape) -> bool:
        """Whether a group does not declare what it adds up to, though every group has to."""
        return shape.totals_required and any("totals" not in each for each in self._groups(shape))

    def _groups(self, shape: JsonShape) -> Iterator[Fields]:
        if shape.groups is None:
            yield self.top
            return
        for raw in _items(self.top.get(shape.groups)):
            yield _fields(raw)

    def _is_list(self, name: str) -> bool:
        return name in self.top and bytes(self.top[name]).startswith(b"[")


@dataclass(frozen=True, slots=True)
class JsonTable:
    """The lines of a report as rows below a header of the names that its preset knows."""

    report: JsonReport
    shape: JsonShape
    names: Sequence[str]

    def rows(self) -> Iterator[Row]:
        for line_no, record in enumerate(self.report.records(self.shape), 1):
            if line_no > ROWS_MAX:
                raise SettlementFileRefused(
                    FileRefusal.TOO_MANY_ROWS, f"at most {ROWS_MAX} lines are read"
                )
            cells = [record.get(name, "") for name in self.names]
            if any(len(cell) > CELL_CHARS_MAX for cell in cells):
                raise SettlementFileRefused(
                    FileRefusal.CELL_TOO_LONG,
                    f"a value has at most {CELL_CHARS_MAX} characters",
                    line_no,
                )
            yield Row(line_no, cells)


def names_of(preset: Preset) -> list[str]:
    """Return every name that *preset* reads of a line."""
    named = [
        *(name for names in preset.columns.values() for name in names),
        *(name.removeprefix("-") for names in preset.sums.values() for name in names),
        *(name for rule in preset.types for name in rule.when),
        *preset.zero,
        *(name for name in preset.free_text if not name.endswith("*")),
    ]
    return list(dict.fromkeys(named))


def _fields(text: bytes | msgspec.Raw) -> Fields:
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _no_json() from None


def _items(raw: msgspec.Raw | None) -> Iterator[msgspec.Raw]:
    if raw is None:
        return
    try:
        yield from _list.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _no_json() from None


def _texts(raw: msgspec.Raw) -> dict[str, str | None]:
    try:
        values = _values.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _no_json() from None
    return {name: _as_text(value) for name, value in values.items()}


def _text(raw: msgspec.Raw) -> str | None:
    return _as_text(_decoded(raw))


def _decoded(raw: msgspec.Raw) -> Any:
    try:
        return _value.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _no_json() from None


def _as_text(value: Any) -> str | None:
    """Return a value as it is written; null is empty, and a list or object is none of a line's values."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value) if abs(value) < 10**40 else "too long"
        case str():
            return value
        case _:
            return None


def _count(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(ROWS_MAX)) + 1):
        raise _no_totals()
    return int(text)


def _amount(preset: Preset, text: str | None) -> Money | None:
    if not text:
        return None
    read = amount_of(text) if preset.unit == "rupees" else paise_of(text)
    if read is None:
        raise _no_totals()
    return read


def _id(raw: msgspec.Raw | None) -> str | None:
    try:
        return None if raw is None else id_of(_text(raw) or "")[0]
    except IdNotTaken:
        raise _no_totals() from None


def _no_json() -> SettlementFileRefused:
    return SettlementFileRefused(FileRefusal.DAMAGED, "it is no JSON report that can be read")


def _no_totals() -> SettlementFileRefused:
    return SettlementFileRefused(FileRefusal.DAMAGED, "the totals of a settlement cannot be read")
