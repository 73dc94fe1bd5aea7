"""Dates as files write them: one pattern per column and file, never guessed row by row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from domain.business_day import IST

DATE_CHARS_MAX: Final = 40
YEAR_FIRST: Final = 2000
YEAR_LAST: Final = 2099
FRACTION_DIGITS: Final = 6
TRIED_MAX: Final = 10_000
"""How many cells of a column are remembered while its pattern is looked for."""

EPOCH: Final = "epoch"
"""Seconds since 1970, as JSON reports write an instant."""

_MONTHS: Final = {
    name: month
    for month, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_TOKENS: Final = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<short>[0-9]{2})",
    "MMM": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{1,2})",
    "ss": r"(?P<second>[0-9]{1,2})",
    "f": r"(?P<fraction>[0-9]{1,12})",
    "zone": r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})",
    "[": "(?:",
    "]": ")?",
}
_TOKEN: Final = re.compile("|".join(map(re.escape, _TOKENS)) + r"|[-/.: T]")
_SECONDS: Final = re.compile(r"[0-9]{9,10}", re.ASCII)
_EPOCH_BEGINS: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BLANKS: Final = " \t\u00a0'"


class DatePatternInvalid(ValueError):
    """A preset names a date pattern that is made of other things than the ones known."""


@dataclass(frozen=True, slots=True)
class DatePattern:
    """
    One way to write a date, such as ``dd-MMM-yyyy[ HH:mm[:ss]]``; what stands in brackets may be absent.

    The parts are ``dd MM MMM yyyy yy HH mm ss f zone`` and the marks ``- / . : T`` and a blank. Day, month, hour,
    minute and second may lack their leading zero; a fraction is cut after six digits. ``yy`` is of this century.
    """

    text: str
    form: re.Pattern[str]

    @classmethod
    def of(cls, text: str) -> "DatePattern":
        """Return the pattern that *text* describes, or raise ``DatePatternInvalid``."""
        if text == EPOCH:
            return cls(text, _SECONDS)
        parts, at = [], 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                raise DatePatternInvalid(text)
            parts.append(_TOKENS.get(token[0], re.escape(token[0])))
            at = token.end()
        try:
            return cls(text, re.compile("".join(parts), re.ASCII))
        except re.error:
            raise DatePatternInvalid(text) from None

    def read(self, cell: str) -> datetime | None:
        """Return the instant that *cell* writes, with its zone or as Indian time; None where it does not fit."""
        if len(cell) > DATE_CHARS_MAX:
            return None
        found = self.form.fullmatch(cell.strip(_BLANKS))
        if found is None:
            return None
        if self.text == EPOCH:
            instant = _EPOCH_BEGINS + timedelta(seconds=int(found[0]))
            return instant if YEAR_FIRST <= instant.year <= YEAR_LAST else None
        return _instant(found.groupdict())


@dataclass(slots=True)
class ColumnDatePattern:
    """
    The patterns of one column that have read every cell so far which any of them could read.

    Where one pattern reads the whole column, the first such is chosen. Otherwise the cells that the chosen one does
    not read are for the caller to reject.
    """

    left: list[DatePattern]
    _tried: set[str] = field(default_factory=set)
    """Some of the cells that were tried: dates repeat, and trying them again changes nothing."""

    @classmethod
    def among(cls, patterns: Sequence[str]) -> "ColumnDatePattern":
        """Return the choice among *patterns*, the preferred one first."""
        return cls([DatePattern.of(each) for each in patterns])

    @property
    def chosen(self) -> DatePattern | None:
        """The pattern of the column, or None where there was none to choose from."""
        return self.left[0] if self.left else None

    @property
    def is_settled(self) -> bool:
        """Whether no further cell can change what is chosen."""
        return len(self.left) < 2  # noqa: PLR2004 - one is left, or there never was any

    def try_on(self, cell: str) -> None:
        """Leave out the patterns that do not read *cell*, unless none does."""
        if cell in self._tried:
            return
        if len(self._tried) < TRIED_MAX:
            self._tried.add(cell)
        reading = [each for each in self.left if each.read(cell) is not None]
        if reading:
            self.left = reading


def instant_of(pattern: DatePattern, cell: str) -> datetime | None:
    """Return the instant of *cell* in UTC, or None where *pattern* does not read it."""
    read = pattern.read(cell)
    return None if read is None else read.astimezone(UTC)


def day_of(pattern: DatePattern, cell: str) -> date | None:
    """Return the day in India that *cell* falls on, or None where *pattern* does not read it."""
    read = pattern.read(cell)
    return None if read is None else read.astimezone(IST).date()


def _instant(parts: dict[str, str | None]) -> datetime | None:
    whole = parts.get("year")
    year = int(whole) if whole else YEAR_FIRST + int(parts.get("short") or 0)
    name = parts.get("name")
    month = _MONTHS.get(name.lower(), 0) if name else int(parts.get("month") or 0)
    fraction = (parts.get("fraction") or "0")[:FRACTION_DIGITS].ljust(FRACTION_DIGITS, "0")
    if not YEAR_FIRST <= year <= YEAR_LAST:
        return None
    try:
        return datetime(
            year,
            month,
            int(parts.get("day") or 0),
            int(parts.get("hour") or 0),
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            int(fraction),
            _zone(parts.get("zone")),
        )
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if text is None:
        return IST
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
