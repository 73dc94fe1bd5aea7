"""
Lines as nearly every one is written, read by one pattern of the whole row; any other goes to the careful reader.

What is read here is read there equally: a test compares the two. A row that needs its quotes, has a blank amount,
an id that is none, a warning, or anything else worth a second look is not usual.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Self

from adapters.settlement_files.limits import CELL_CHARS_MAX, COLUMNS_MAX
from adapters.settlement_files.line_mapper import LineMapper, Words
from domain.business_day import business_day_of
from domain.settlements.date_text import instant_of
from domain.settlements.id_text import ORDER_PATTERN
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import event_digest, instant_text, line_digest
from domain.settlements.line_warning import SETTLED_AFTER_DAYS_MAX
from domain.settlements.settlement_line import RRN_DIGITS, Direction

CACHED_MAX: Final = 4_000
"""Minutes, and other texts, that are remembered: the sales of two days have no more minutes."""

TO_THE_SECOND: Final = re.compile(r"[^:]*HH:mm\[?:ss(?:\[\.f\])?\]*(?:\[ \])?(?:\[zone\])?\]*")
"""Date patterns of which a cell that ends with two colons ends with its second, whatever stands before."""

_SECONDS: Final = {f":{each:02}": (timedelta(seconds=each), f"{each:02}Z") for each in range(60)}
"""The end of such a cell, with what it adds to the minute and to the text of the instant."""

BLANKS_BEHIND_MAX: Final = 8
"""Blank cells that a usual row may have behind those of its header."""

_ID: Final = r"(?:([A-Za-z0-9_]{5,100})|NA|0|-|)"
"""An id, or what may stand for none here: the group is empty then."""

_RRN: Final = rf"(?:([0-9]{{{RRN_DIGITS}}})|NA|0|-|)"
_ORDER: Final = r"(?:[A-Za-z0-9]{1,20}-)?(SK[A-Z2-7]{18})(?:-([0-9]{1,2}))?"
_AMOUNT: Final = r"(-?[0-9]{1,15}\.[0-9]{2}|0)"
_GROSS: Final = r"([0-9]{1,15}\.[0-9]{2})"
_ZERO: Final = r"0(?:\.00)?"
_WORD: Final = r"([A-Za-z0-9_/&. -]{0,12})"
"""Too short for a card number."""

_DATE: Final = r"([A-Za-z0-9:/.+ -]{6,40})"
_IDS: Final = ("mid", "tid", "refund_id", "bank_txn_id", "arn", "auth_code", "utr", "settlement_id")
_WORDS: Final = ("direction", "currency", "status", "method")
_TAXED: Final = ("fee", "cgst", "sgst", "igst", "utgst")
_NO_HEADS: Final = (0, 0, 0, 0, 0)
_CARD_DIGITS_MAX: Final = 12
"""So many digits in a cell of free text are no card number, wherever they stand."""

Instant = tuple[datetime | None, str, date | None]
"""When the payer paid in UTC, as a line key writes it, and on which day in India."""

Minute = tuple[datetime, str, date]
"""The same of the beginning of a minute; its text lacks the second."""


@dataclass(slots=True, eq=False)
class UsualLines:
    """The usual rows of one table, by the places of its columns."""

    mapper: LineMapper
    delimiter: str
    form: re.Pattern[str]
    words_at: tuple[int, ...]
    places: Mapping[str, int]
    has_net: bool
    _words: dict[tuple[str, ...], Words | None] = field(default_factory=dict)
    _instants: dict[str, Instant | None] = field(default_factory=dict)
    _minutes: dict[str, Minute | None] = field(default_factory=dict)
    _days: dict[str, tuple[date, str] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, mapper: LineMapper, delimiter: str) -> Self | None:
        """Return how the usual rows of *mapper* are read, or None where its layout needs the careful reader."""
        preset = mapper.preset
        simple = not (preset.sums or preset.sections or preset.fee_includes_tax)
        if not simple or preset.unit != "rupees" or mapper.order_form is not ORDER_PATTERN:
            return None
        columns = _Columns(mapper)
        if not columns.fit:
            return None
        end = re.escape(delimiter)
        first = "|".join(map(re.escape, (*preset.skip_rows, preset.trailer.word)))
        groups = columns.groups(end)
        more = max(0, min(BLANKS_BEHIND_MAX, COLUMNS_MAX - len(groups)))
        text = rf"(?=[A-Za-z0-9{end}])(?!(?i:{first})){end.join(groups)}{end}{{0,{more}}}()(?:\r\n|\n|\r|$)"
        return cls(
            mapper,
            delimiter,
            re.compile(text, re.ASCII),
            tuple(columns.words_at),
            columns.places,
            "net" in columns.places,
        )

    def reader(self) -> Callable[[str, int], KeyedLine | None]:  # noqa: C901, PLR0915 - one pass over one row
        """
        Return what reads a row, its text and the line at which it stands; None where it is not usual.

        The names of this function are looked up a million times, hence they are its own.
        """
        places, empty = self.places, self.form.groups - 1
        at = {name: places.get(name, empty) for name in (*_IDS, "rrn", *_TAXED)}
        mid_at, tid_at, refund_at, bank_at = (
            at["mid"],
            at["tid"],
            at["refund_id"],
            at["bank_txn_id"],
        )
        arn_at, auth_at, utr_at, settlement_at = (
            at["arn"],
            at["auth_code"],
            at["utr"],
            at["settlement_id"],
        )
        rrn_at, (fee_at, cgst_at, sgst_at, igst_at, utgst_at) = (
            at["rrn"],
            (at[each] for each in _TAXED),
        )
        order_at, gross_at, day_at = places["order"], places["gross"], places["settled_on"]
        net_at, instant_at = places.get("net", empty), places.get("txn_at", empty)
        unquoted = _unquoting(self.delimiter)
        fullmatch, words_at, has_net = self.form.fullmatch, self.words_at, self.has_net
        known_words, instants, days = self._words, self._instants, self._days
        minutes, seconds = self._minutes, self._seconds()
        other_mid = self.mapper.mid
        negates = self.mapper.preset.dr_net == "negated_when_positive"
        credit, new_line = Direction.CR.value, tuple.__new__

        def read(text: str, line_no: int) -> KeyedLine | None:  # noqa: C901, PLR0912 - likewise
            if (
                len(text) > CELL_CHARS_MAX
                or (found := fullmatch(unquoted(text) if '"' in text else text)) is None
            ):
                return None
            cells = found.groups("")
            told = tuple([cells[each] for each in words_at])
            if told not in known_words:
                self._learn(told, found.string)
            words = known_words[told]
            when, day = cells[instant_at], cells[day_at]
            minute, second = None, seconds.get(when[-3:])
            if second is not None:
                begins = when[:-3]
                if begins not in minutes:
                    self._learn_minute(begins)
                minute = minutes[begins]
            if minute is None or second is None:
                if when not in instants:
                    self._learn_instant(when)
                instant = instants[when]
            else:
                instant = (minute[0] + second[0], minute[1] + second[1], minute[2])
            if day not in days:
                self._learn_day(day)
            settled = days[day]
            if words is None or instant is None or settled is None:
                return None
            line_type, direction, status_word, on_hold, method = words
            txn_at, txn_text, business_day = instant
            settled_on, settled_text = settled
            if business_day is not None and not (
                0 <= (settled_on - business_day).days <= SETTLED_AFTER_DAYS_MAX
            ):
                return None
            gross = int(cells[gross_at].replace(".", ""))
            taxed = (
                cells[fee_at], cells[cgst_at], cells[sgst_at], cells[igst_at], cells[utgst_at],
            )  # fmt: skip
            heads = _NO_HEADS if taxed in _OFTEN else _paise(taxed)
            follows = (gross if direction == credit else -gross) - sum(heads)
            if has_net:
                net = int(cells[net_at].replace(".", "") or 0)
                if negates and direction != credit and net > 0:
                    net = -net
                if net != follows:
                    return None
            else:
                net = follows
            mid = cells[mid_at]
            if not mid:
                if other_mid is None:
                    return None
                mid = other_mid
            tid, refund_id, bank_id = cells[tid_at], cells[refund_at], cells[bank_at]
            rrn, arn, auth, utr = cells[rrn_at], cells[arn_at], cells[auth_at], cells[utr_at]
            settlement_id = cells[settlement_at]
            payment = cells[order_at]
            attempt = int(cells[order_at + 1]) if cells[order_at + 1] else None
            fee, cgst, sgst, igst, utgst = heads
            key = line_digest(
                (
                    line_type, direction, mid, tid, payment, "" if attempt is None else str(attempt),
                    refund_id, bank_id, rrn, arn, auth, utr, settlement_id, method or "", str(gross),
                    str(fee), str(cgst), str(sgst), str(igst), str(utgst), str(net), txn_text, settled_text,
                )
            )  # fmt: skip
            event = event_digest(mid, line_type, payment, refund_id or bank_id or rrn)
            # As the class makes it itself, without the names of thirty arguments.
            return new_line(KeyedLine, (
                line_no, settlement_id or f"{mid}/{settled_text}", key, event, line_type, direction, mid,
                tid or None, payment, attempt, refund_id or None,
                bank_id or None, rrn or None, arn or None, auth or None, utr or None, settlement_id or None,
                method, gross, fee, cgst, sgst, igst, utgst, net, txn_at, settled_on, status_word, on_hold, 1, None,
            ))  # fmt: skip

        return read

    def _learn(self, told: tuple[str, ...], text: str) -> None:
        """Remember what the careful reader makes of the words of a row; a row without quotes is divided as it is."""
        if len(self._words) >= CACHED_MAX:
            self._words.clear()
        self._words[told] = self.mapper.words(text.rstrip("\r\n").split(self.delimiter))

    def _learn_instant(self, text: str) -> None:
        if len(self._instants) >= CACHED_MAX:
            self._instants.clear()
        if not self.mapper.has_txn_at:
            self._instants[text] = (None, "", None)
            return
        form = self.mapper.txn_at
        instant = None if form is None else instant_of(form, text)
        self._instants[text] = (
            None if instant is None else (instant, instant_text(instant), business_day_of(instant))
        )

    def _seconds(self) -> Mapping[str, tuple[timedelta, str]]:
        """Return the ends by which a cell tells its second, none where its pattern may tell it otherwise."""
        form = self.mapper.txn_at if self.mapper.has_txn_at else None
        return _SECONDS if form is not None and TO_THE_SECOND.fullmatch(form.text) else {}

    def _learn_minute(self, text: str) -> None:
        """Remember the minute that *text* ends with, or that it does not end with one."""
        if len(self._minutes) >= CACHED_MAX:
            self._minutes.clear()
        form = self.mapper.txn_at
        instant = None
        if form is not None and text[-3:-2] == ":":
            instant = instant_of(form, f"{text}:00")
        self._minutes[text] = (
            None
            if instant is None
            else (instant, instant_text(instant)[: -len("00Z")], business_day_of(instant))
        )

    def _learn_day(self, text: str) -> None:
        if len(self._days) >= CACHED_MAX:
            self._days.clear()
        day = self.mapper.day(text.strip())
        self._days[text] = None if day is None else (day, day.isoformat())


_OFTEN: Final = frozenset({("0.00",) * 5, ("0",) * 5, ("",) * 5, ("0.00",) * 3 + ("",) * 2})


def _paise(amounts: Sequence[str]) -> tuple[int, ...]:
    return tuple([int(each.replace(".", "")) if each else 0 for each in amounts])


def _unquoting(delimiter: str) -> Callable[[str], str]:
    """Return what takes off quotes that hold nothing that needs them; of any other row nothing is left."""
    mark = re.escape(delimiter)
    cell = rf'(?:"[^"{mark}\r\n]*"|[^"{mark}\r\n]*)'
    fullmatch = re.compile(rf"{cell}(?:{mark}{cell})*(?:\r\n|\n|\r|$)").fullmatch
    return lambda text: text.replace('"', "") if fullmatch(text) else ""


@dataclass(slots=True)
class _Columns:
    """What stands in each column of a table, and at which group of the pattern each field is found."""

    mapper: LineMapper
    fit: bool = True
    places: dict[str, int] = field(default_factory=dict)
    words_at: list[int] = field(default_factory=list)
    _told: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mapper = self.mapper
        words = {at for at in mapper.rule_columns if at is not None}
        for name, columns in mapper.columns.items():
            if name == "tax" and columns:
                self.fit = False
            if name in _WORDS:
                words.update(columns)
            elif columns:
                self.fit &= len(columns) == 1
                self._tell(columns[0], name, _pattern_of(name, mapper))
        for at in mapper.zero_columns:
            self._tell(at, "zero", _ZERO)
        for at in words:
            self._tell(at, "word", _WORD)
        self.fit &= all(mapper.columns.get(each) for each in ("gross", "settled_on", "order"))
        free = set(mapper.free_columns) & self._told.keys()
        self.fit &= all(self._told[at][0] == "word" for at in free)

    def _tell(self, at: int, name: str, pattern: str) -> None:
        self.fit &= at not in self._told
        self._told[at] = (name, pattern)

    def groups(self, delimiter: str) -> list[str]:
        """Return the pattern of each cell, and keep which groups they are."""
        printed = rf'[^"\x00-\x1f\x7f{delimiter}0-9]'
        free = rf"(?:{printed}*[0-9]){{0,{_CARD_DIGITS_MAX}}}{printed}*"
        anything = rf'[^"\x00-\x1f\x7f{delimiter}]*'
        groups, number = [], 0
        for at in range(len(self.mapper.header.names)):
            name, pattern = self._told.get(at, ("", ""))
            if not name:
                groups.append(_ascii(free) if at in self.mapper.free_columns else anything)
                continue
            groups.append(pattern)
            if name == "word":
                self.words_at.append(number)
            else:
                self.places[name] = number
            number += re.compile(pattern).groups
        return groups


def _ascii(pattern: str) -> str:
    """Return *pattern* for printed ASCII alone: other scripts have digits, too."""
    return pattern.replace(r"\x7f", r"\x7f-\U0010ffff")


def _pattern_of(name: str, mapper: LineMapper) -> str:
    match name:
        case "order":
            return _ORDER
        case "rrn":
            return _RRN
        case "gross":
            return _GROSS
        case "txn_at" | "settled_on":
            return _DATE
        case _ if name in _IDS:
            return _ID
        case _:
            blank = "|" if name in mapper.preset.blank_is_zero else ""
            return _AMOUNT.replace("|0)", f"|0{blank})")
