"""Presets: the layouts of settlement files and bank statements as data, checked when they are loaded."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec

from domain.settlements.bank_statement import NarratedDay
from domain.settlements.date_text import DatePattern, DatePatternInvalid
from domain.settlements.id_text import ORDER_PATTERN

PRESET_BYTES_MAX: Final = 64 * 1024
_SHIPPED: Final = Path(__file__).parent / "presets"

SKIP: Final = "skip"
"""The type of a row that sums up others and must not be added to them."""

ANY: Final = "*"
"""In a rule: any text but nothing."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{2,39}$")]
Header = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Headers = Annotated[list[Header], msgspec.Meta(min_length=1, max_length=10)]
Words = Annotated[list[str], msgspec.Meta(max_length=50)]
LineField = Literal[
    "mid", "tid", "order", "refund_id", "bank_txn_id", "rrn", "arn", "auth_code", "utr", "settlement_id",
    "method", "direction", "currency", "status", "gross", "fee", "cgst", "sgst", "igst", "utgst", "tax", "net",
    "txn_at", "settled_on",
]  # fmt: skip
AmountField = Literal["gross", "fee", "cgst", "sgst", "igst", "utgst", "tax", "net"]
EntryField = Literal[
    "booked_on", "value_on", "narration", "reference", "withdrawal", "deposit", "balance"
]


class PresetInvalid(ValueError):
    """A preset of one's own that cannot be used; the text says where and why."""


class TypeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What kind of line a row is, if every named column holds one of its words (case and blanks around do not matter).

    ``direction`` is CR, DR, ``column`` (the words of the direction column) or ``net`` (by the sign of the net).
    """

    when: dict[Header, Words]
    type: Literal[
        "payment", "refund", "refund_reversal", "chargeback", "chargeback_reversal", "fee", "adjustment", "tds",
        "reserve_hold", "reserve_release", "skip",
    ]  # fmt: skip
    direction: Literal["CR", "DR", "column", "net"] = "column"


class Trailer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The totals behind the rows: the word that begins them, and where the count of lines stands, from 1."""

    presence: Literal["none", "optional", "required"] = "none"
    word: str = "TOTAL"
    lines_at: int | None = None


class Statuses(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file's words for settled, kept back by the bank, and not settled (yet); any other word is not read."""

    settled: Words
    on_hold: Words = []
    not_settled: Words = []


class JsonShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Where the lines stand in a JSON report: ``items``, or ``items`` in each of ``groups``.

    What stands beside the items of a group is a column of each of its lines, named ``group.NAME``.
    """

    items: Header
    groups: Header | None = None
    totals: dict[Literal["lines", "credits", "debits", "fee", "tax", "net"], Header] = {}
    """The names in ``group.totals`` (a table of the group) of what the group declares."""

    totals_required: bool = False
    """Whether a group without them is cut short: its file is held."""

    page: Header | None = None
    pages: Header | None = None


class NarrationRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a payout looks in a narration: a pattern with ``code`` and ``day``, and what the day means."""

    pattern: str
    date: str
    day_is: NarratedDay
    method: str


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The layout of a settlement file."""

    name: Name
    version: Annotated[int, msgspec.Meta(ge=1)]
    about: str
    required: Headers
    columns: dict[LineField, Headers]
    sums: dict[AmountField, Headers] = {}
    """Amounts that are the sum of columns; one behind a minus sign is taken off."""

    zero: Words = []
    """Columns whose amount has to be zero."""

    constants: dict[Literal["method", "mid"], str] = {}
    methods: dict[str, str] = {}
    dates: dict[Literal["txn_at", "settled_on"], Headers]
    zone: Literal["IST"] = "IST"
    unit: Literal["rupees", "paise"] = "rupees"
    directions: dict[Literal["CR", "DR"], Words] = {}
    types: Annotated[list[TypeRule], msgspec.Meta(min_length=1, max_length=50)]
    statuses: Statuses | None = None
    order_pattern: str | None = None
    dr_net: Literal["signed", "negated_when_positive"] = "negated_when_positive"
    fee_includes_tax: bool = False
    tax_head: Literal["igst", "split", "split_utgst"] = "igst"
    """Where a single tax figure goes: IGST, or halves (the odd paisa to CGST) within one State or territory."""

    blank_is_zero: list[AmountField] = []
    free_text: Words = []
    """Columns in which card numbers are looked for; a name that ends in ``*`` is a prefix."""

    skip_rows: Words = []
    """Rows whose first cell begins with one of these words are skipped."""

    sections: dict[str, Name] = {}
    """A row of this word alone begins a second table, read by another preset."""

    trailer: Trailer = Trailer()
    json: JsonShape | None = None

    def __post_init__(self) -> None:
        for patterns in self.dates.values():
            _check_dates(patterns)
        _order_pattern(self.order_pattern)
        for needed in ("gross", "settled_on"):
            if needed not in self.columns and needed not in self.sums:
                raise ValueError(f"`columns` has to name {needed}")
        if "settled_on" not in self.dates:
            raise ValueError("`dates` has to have patterns for settled_on")
        if "txn_at" in self.columns and "txn_at" not in self.dates:
            raise ValueError("`dates` has to have patterns for txn_at")
        by_column = any(rule.direction == "column" for rule in self.types if rule.type != SKIP)
        if by_column and not ("direction" in self.columns and self.directions):
            raise ValueError("`directions` and a direction column are needed by a rule in `types`")

    @property
    def order_form(self) -> re.Pattern[str]:
        return _order_pattern(self.order_pattern)


class StatementPreset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The layout of a bank statement; without columns it is a format of its own (MT940, camt.053)."""

    name: Name
    version: Annotated[int, msgspec.Meta(ge=1)]
    about: str
    kind: Literal["table", "mt940", "camt053"] = "table"
    required: Words = []
    columns: dict[EntryField, Headers] = {}
    dates: Words = []
    account: str | None = None
    """A pattern with ``account`` that is looked for in the rows above the header."""

    null_references: Words = []
    """References that say nothing, whole; a pattern."""

    summary: str | None = None
    """The words of the row that begins the summary: opening balance, counts and closing balance."""

    narrations: list[NarrationRule] = []

    def __post_init__(self) -> None:
        if self.kind == "table":
            missing = set(get_args(EntryField)) - set(self.columns)
            if missing:
                raise ValueError(f"`columns` has to name {', '.join(sorted(missing))}")
            if not self.required or not self.dates:
                raise ValueError("`required` and `dates` are needed by a table")
        _check_dates(self.dates)
        for rule in self.narrations:
            _check_dates([rule.date])
            form = _compiled(rule.pattern)
            if not {"code", "day"} <= set(form.groupindex):
                raise ValueError("the pattern of a narration has to have the groups code and day")
        for pattern in (*self.null_references, *([self.account] if self.account else [])):
            _compiled(pattern)


@dataclass(frozen=True, slots=True)
class Presets:
    """The layouts that are known, by name."""

    reports: Mapping[str, Preset]
    statements: Mapping[str, StatementPreset]

    @classmethod
    def shipped(cls, own: Sequence[Path] = ()) -> "Presets":
        """
        Return the presets of the package and those in the files *own*, which may replace one of the package.

        Raises ``PresetInvalid``.
        """
        reports: dict[str, Preset] = {}
        statements: dict[str, StatementPreset] = {}
        for preset in (*_of_the_package(), *map(_preset_in, own)):
            if isinstance(preset, Preset):
                reports[preset.name] = preset
            else:
                statements[preset.name] = preset
        return cls(reports, statements)


@cache
def _of_the_package() -> Sequence[Preset | StatementPreset]:
    return [preset_of(path.read_bytes(), path.name) for path in sorted(_SHIPPED.glob("*.toml"))]


def _preset_in(path: Path) -> Preset | StatementPreset:
    try:
        with path.open("rb") as file:
            return preset_of(file.read(PRESET_BYTES_MAX + 1), path.name)
    except OSError as error:
        raise PresetInvalid(f"{path.name}: {error.strerror}") from None


def preset_of(text: bytes, name: str) -> Preset | StatementPreset:
    """Return the preset that the TOML *text* of the file *name* describes, or raise ``PresetInvalid``."""
    if len(text) > PRESET_BYTES_MAX:
        raise PresetInvalid(f"{name}: a preset has at most {PRESET_BYTES_MAX} bytes")
    try:
        told = tomllib.loads(text.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PresetInvalid(f"{name}: no TOML in UTF-8: {error}") from None
    purpose = told.pop("for", "settlements")
    try:
        if purpose == "statements":
            return msgspec.convert(told, StatementPreset)
        return msgspec.convert(told, Preset)
    except msgspec.ValidationError as error:
        raise PresetInvalid(f"{name}: {error}") from None


def normalised(header: str) -> str:
    """Return the name of a column without case, blanks and marks, as headers are compared."""
    return "".join(header.replace("\ufeff", "").replace("\u00a0", " ").split()).casefold()


def _check_dates(patterns: Sequence[str]) -> None:
    for pattern in patterns:
        try:
            DatePattern.of(pattern)
        except DatePatternInvalid:
            raise ValueError(f"the date pattern {pattern!r} is not understood") from None


def _order_pattern(pattern: str | None) -> re.Pattern[str]:
    if pattern is None:
        return ORDER_PATTERN
    form = _compiled(pattern)
    if not {"payment", "attempt"} <= set(form.groupindex):
        raise ValueError("`order_pattern` has to have the groups payment and attempt")
    return form


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.ASCII)
    except (re.error, RecursionError, OverflowError):
        raise ValueError(f"the pattern {pattern!r} is no regular expression") from None
