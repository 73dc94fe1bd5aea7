"""Turns a row of one layout into a settlement line, or says why it is none."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from adapters.settlement_files.presets import ANY, SKIP, AmountField, Preset, TypeRule, normalised
from adapters.settlement_files.rows import Header, Row
from domain.business_day import business_day_of
from domain.identifiers import RefundId
from domain.money import ZERO, Money
from domain.settlements.amount_text import amount_of, paise_of
from domain.settlements.date_text import DatePattern, day_of, instant_of
from domain.settlements.id_text import IdNotTaken, id_of, order_reference, rrn_of
from domain.settlements.line_warning import (
    SETTLED_AFTER_DAYS_MAX,
    LineWarning,
    RejectedRow,
    RejectionReason,
    WarnedLine,
)
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from domain.text.card_number import DIGITS_MIN, contains_card_number, redact

REJECTED_TEXT_CHARS_MAX: Final = 2_000
_CACHED_MAX: Final = 2_000
_ON_HOLD: Final = "on_hold"
_NOT_SETTLED: Final = "not_settled"
_IDS: Final = ("refund_id", "bank_txn_id", "arn", "auth_code", "utr", "settlement_id")
_INR: Final = frozenset({"INR", "356", "RS", "RS."})
_OFTEN: Final = {"0.00": ZERO, "0": ZERO}
_AMOUNTS: Final[tuple[AmountField, ...]] = ("fee", "cgst", "sgst", "igst", "utgst", "tax")

LAWFUL: Final = {
    LineType.PAYMENT: Direction.CR,
    LineType.REFUND: Direction.DR,
    LineType.REFUND_REVERSAL: Direction.CR,
    LineType.CHARGEBACK: Direction.DR,
    LineType.CHARGEBACK_REVERSAL: Direction.CR,
    LineType.RESERVE_HOLD: Direction.DR,
    LineType.RESERVE_RELEASE: Direction.CR,
}
"""Which way these lines move; the other types may move either way."""


class _Rejected(Exception):
    def __init__(self, reason: RejectionReason) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is none of the lines: a summary, or what the bank has not settled."""


Words = tuple[str, str, str | None, bool, str | None]
"""What the words of a row say: line type, direction, status word, whether it is kept back, and method."""


@dataclass(frozen=True, slots=True)
class Term:
    """One column of a sum, and whether it is taken off."""

    places: tuple[int, ...]
    negative: bool = False


@dataclass(slots=True, eq=False)
class LineMapper:
    """The columns of one table, found once; then row by row."""

    preset: Preset
    header: Header
    mid: str | None = None
    """Stands in where the layout does not name the MID."""

    txn_at: DatePattern | None = None
    settled_on: DatePattern | None = None
    columns: dict[str, tuple[int, ...]] = field(init=False)
    _terms: dict[str, tuple[Term, ...]] = field(init=False)
    zero_columns: tuple[int, ...] = field(init=False)
    free_columns: tuple[int, ...] = field(init=False)
    rule_columns: tuple[int | None, ...] = field(init=False)
    _rules: dict[tuple[str, ...], TypeRule | None] = field(init=False, default_factory=dict)
    _read_amount: Callable[[str], Money | None] = field(init=False)
    order_form: re.Pattern[str] = field(init=False)
    _directions: dict[str, Direction] = field(init=False)
    _width: int = field(init=False)
    _ids_told: tuple[str, ...] = field(init=False)
    _words: dict[str, str] = field(init=False)
    _days: dict[str, date | None] = field(init=False, default_factory=dict)
    _instants: dict[str, datetime | None] = field(init=False, default_factory=dict)
    _only: dict[str, int] = field(init=False)
    """The columns of the amounts that stand in one column by themselves."""

    def __post_init__(self) -> None:
        preset, header = self.preset, self.header
        self.columns = {name: self._places(names) for name, names in preset.columns.items()}
        self._terms = {
            name: tuple(
                Term(self._places([each.removeprefix("-")]), negative=each.startswith("-"))
                for each in names
            )
            for name, names in preset.sums.items()
        }
        self._only = {
            name: places[0]
            for name, places in self.columns.items()
            if len(places) == 1 and name not in self._terms
        }
        self.zero_columns = tuple(at for each in preset.zero if (at := header.at(each)) is not None)
        self.free_columns = tuple(self._free_text())
        self.rule_columns = tuple(header.at(name) for name in self._rule_names())
        self._read_amount = amount_of if preset.unit == "rupees" else paise_of
        self.order_form = preset.order_form
        self._directions = {
            word.upper(): Direction(way)
            for way, words in preset.directions.items()
            for word in words
        }
        self._width = len(header.names)
        self._ids_told = tuple(name for name in _IDS if self.columns.get(name))
        self._words = {
            word.upper(): meaning
            for meaning in ("settled", _ON_HOLD, _NOT_SETTLED)
            for word in getattr(preset.statuses, meaning, ())
        }

    def date_cells(self, cells: Sequence[str]) -> tuple[str, str] | None:
        """Return what stands in the two date columns, or None where the row is too short for a line."""
        if len(cells) < self._width:
            return None
        return self._text(cells, "txn_at"), self._text(cells, "settled_on")

    @property
    def has_txn_at(self) -> bool:
        return bool(self.columns.get("txn_at"))

    @property
    def names_a_merchant(self) -> bool:
        return bool(self.columns.get("mid"))

    def read(
        self, row: Row, line_no: int
    ) -> tuple[SettlementLine | RejectedRow | Skipped, list[WarnedLine]]:
        """Return what *row* is, and what was noticed about it; a rejected row has no warnings."""
        noticed: list[WarnedLine] = []
        try:
            line = self._line(row, line_no, noticed)
        except _Rejected as rejected:
            return self.rejected(row, line_no, rejected.reason), []
        if line is None:
            return Skipped(), []
        return line, noticed

    def words(self, cells: Sequence[str]) -> Words | None:
        """
        Return what the words of a row say, if they make it a line.

        None as well where its direction depends on an amount.
        """
        try:
            rule = self._rule(cells)
            if rule is None or rule.type == SKIP or rule.direction == "net":
                return None
            status_word, on_hold, is_settled = self._status(cells)
            if not is_settled or self._is_foreign(cells):
                return None
            direction = self._direction(cells, rule, None)
            method = self._method(cells)
        except _Rejected:
            return None
        if LAWFUL.get(LineType(rule.type), direction) is not direction:
            return None
        return rule.type, direction.value, status_word, on_hold, method

    def rejected(self, row: Row, line_no: int, reason: RejectionReason) -> RejectedRow:
        """Return *row* as a rejected one; its text is kept with card numbers masked."""
        told = " | ".join(row.cells or ())[:REJECTED_TEXT_CHARS_MAX]
        masked = redact("".join(mark if mark.isprintable() else " " for mark in told))
        return RejectedRow(line_no, reason, str(masked))

    def _line(self, row: Row, line_no: int, noticed: list[WarnedLine]) -> SettlementLine | None:
        cells = row.cells
        if cells is None:
            raise _Rejected(RejectionReason.ROW_NOT_READ)
        if len(cells) < self._width:
            raise _Rejected(RejectionReason.ROW_TOO_SHORT)
        rule = self._rule(cells)
        if rule is None:
            raise _Rejected(RejectionReason.LINE_TYPE_UNKNOWN)
        if rule.type == SKIP:
            return None
        status_word, on_hold, is_settled = self._status(cells)
        if not is_settled:
            return None
        if self._is_foreign(cells):
            raise _Rejected(RejectionReason.CURRENCY_NOT_INR)
        line_type = LineType(rule.type)
        gross, fee, heads, told_net = self._amounts(cells)
        direction = self._direction(cells, rule, told_net)
        if LAWFUL.get(line_type, direction) is not direction or (
            gross.paise < 0 and direction is Direction.CR
        ):
            raise _Rejected(RejectionReason.DIRECTION_UNKNOWN)
        gross = Money(abs(gross.paise))
        txn_at, settled_on = self._dates(cells)
        ids = {name: self._id(cells, name, line_no, noticed) for name in self._ids_told}
        order = order_reference(self._text(cells, "order"), self.order_form)
        mid = self._id(cells, "mid", line_no, noticed) or self.mid
        if mid is None:
            raise _Rejected(RejectionReason.ROW_NOT_READ)
        refund_id = ids.get("refund_id")
        line = SettlementLine(
            line_no=line_no,
            line_type=line_type,
            direction=direction,
            mid=mid,
            tid=self._id(cells, "tid", line_no, noticed),
            payment_id=None if order is None else order.payment_id,
            attempt=None if order is None else order.attempt,
            refund_id=None if refund_id is None else RefundId(refund_id),
            bank_txn_id=ids.get("bank_txn_id"),
            rrn=self._rrn(cells, line_no, noticed),
            arn=ids.get("arn"),
            auth_code=ids.get("auth_code"),
            utr=ids.get("utr"),
            settlement_id=ids.get("settlement_id"),
            method=self._method(cells),
            gross=gross,
            fee=fee,
            cgst=heads[0],
            sgst=heads[1],
            igst=heads[2],
            utgst=heads[3],
            net=_signed_net(self.preset, direction, told_net, (fee, *heads), gross),
            txn_at=txn_at,
            settled_on=settled_on,
            status_word=status_word,
            on_hold=on_hold,
        )
        noticed.extend(self._noticed(line, row, cells))
        return line

    def _noticed(
        self, line: SettlementLine, row: Row, cells: Sequence[str]
    ) -> Iterator[WarnedLine]:
        if not line.net_follows:
            yield WarnedLine(line.line_no, LineWarning.NET_DOES_NOT_FOLLOW, "net")
        if line.txn_at is not None:
            waited = (line.settled_on - business_day_of(line.txn_at)).days
            if waited > SETTLED_AFTER_DAYS_MAX:
                yield WarnedLine(line.line_no, LineWarning.SETTLED_LATE, "settled_on")
        behind = cells[self._width :]
        if behind and any(map(str.strip, behind)):
            yield WarnedLine(line.line_no, LineWarning.ROW_TOO_LONG)
        if row.has_formula:
            yield WarnedLine(line.line_no, LineWarning.FORMULA_CELL)
        free = [cell for at in self.free_columns if (cell := cells[at])]
        if any(len(cell) >= DIGITS_MIN and contains_card_number(cell) for cell in (*free, *behind)):
            yield WarnedLine(line.line_no, LineWarning.CARD_NUMBER_REMOVED)

    def _rule(self, cells: Sequence[str]) -> TypeRule | None:
        told = tuple("" if at is None else cells[at].strip().upper() for at in self.rule_columns)
        if told in self._rules:
            return self._rules[told]
        by_name = dict(zip(self._rule_names(), told, strict=True))
        found = next(
            (
                rule
                for rule in self.preset.types
                if all(_says(by_name[normalised(name)], words) for name, words in rule.when.items())
            ),
            None,
        )
        if len(self._rules) < _CACHED_MAX:
            self._rules[told] = found
        return found

    def _rule_names(self) -> list[str]:
        return list(
            dict.fromkeys(normalised(name) for rule in self.preset.types for name in rule.when)
        )

    def _status(self, cells: Sequence[str]) -> tuple[str | None, bool, bool]:
        """Return the file's word, whether the bank keeps the amount back, and whether it is settled at all."""
        if self.preset.statuses is None:
            return None, False, True
        word = self._text(cells, "status")
        meaning = self._words.get(word.upper())
        if meaning is None:
            raise _Rejected(RejectionReason.ROW_NOT_READ)
        return word or None, meaning == _ON_HOLD, meaning != _NOT_SETTLED

    def _is_foreign(self, cells: Sequence[str]) -> bool:
        """Whether the row says that it is of another currency."""
        told = self.columns.get("currency")
        return bool(told) and self._text(cells, "currency").upper() not in _INR

    def _amounts(
        self, cells: Sequence[str]
    ) -> tuple[Money, Money, tuple[Money, Money, Money, Money], Money | None]:
        """Return gross, fee without taxes, the four heads of tax, and the net where the file has one."""
        for at in self.zero_columns:
            if self._amount(cells[at]) != ZERO:
                raise _Rejected(RejectionReason.AMOUNT_NOT_EXACT)
        gross = self._figure(cells, "gross")
        if gross is None:
            raise _Rejected(RejectionReason.AMOUNT_NOT_EXACT)
        fee, cgst, sgst, igst, utgst, tax = (self._figure(cells, name) or ZERO for name in _AMOUNTS)
        if tax:
            half = tax.paise // 2 if tax.paise >= 0 else -(-tax.paise // 2)
            match self.preset.tax_head:
                case "igst":
                    igst += tax
                case "split":
                    cgst, sgst = cgst + Money(tax.paise - half), sgst + Money(half)
                case "split_utgst":
                    cgst, utgst = cgst + Money(tax.paise - half), utgst + Money(half)
        if self.preset.fee_includes_tax:
            fee = Money(fee.paise - cgst.paise - sgst.paise - igst.paise - utgst.paise)
        return gross, fee, (cgst, sgst, igst, utgst), self._figure(cells, "net")

    def _figure(self, cells: Sequence[str], name: AmountField) -> Money | None:
        """Return the amount of a field, or None where the layout does not have it."""
        at = self._only.get(name)
        if at is not None:
            return self._amount(cells[at], name)
        if terms := self._terms.get(name):
            paise = 0
            for term in terms:
                told = self._amount(self._first(cells, term.places), name)
                paise += -told.paise if term.negative else told.paise
            return Money(paise)
        places = self.columns.get(name)
        return self._amount(self._first(cells, places), name) if places else None

    def _amount(self, text: str, name: AmountField | None = None) -> Money:
        if (often := _OFTEN.get(text)) is not None:
            return often
        read = self._read_amount(text)
        if read is not None:
            return read
        if name in self.preset.blank_is_zero and not text.strip():
            return ZERO
        raise _Rejected(RejectionReason.AMOUNT_NOT_EXACT)

    def _direction(self, cells: Sequence[str], rule: TypeRule, net: Money | None) -> Direction:
        if rule.direction == "net":
            return Direction.DR if net is not None and net.paise < 0 else Direction.CR
        if rule.direction != "column":
            return Direction(rule.direction)
        direction = self._directions.get(self._text(cells, "direction").upper())
        if direction is None:
            raise _Rejected(RejectionReason.DIRECTION_UNKNOWN)
        return direction

    def _dates(self, cells: Sequence[str]) -> tuple[datetime | None, date]:
        settled_on = self.day(self._text(cells, "settled_on"))
        if settled_on is None:
            raise _Rejected(RejectionReason.DATE_NOT_READ)
        if not self.has_txn_at:
            return None, settled_on
        txn_at = self.instant(self._text(cells, "txn_at"))
        if txn_at is None:
            raise _Rejected(RejectionReason.DATE_NOT_READ)
        if settled_on < business_day_of(txn_at):
            raise _Rejected(RejectionReason.SETTLED_BEFORE_PAID)
        return txn_at, settled_on

    def instant(self, text: str) -> datetime | None:
        """Return when the payer paid; a file that is sorted by it has many rows of one second."""
        if text not in self._instants:
            if len(self._instants) >= _CACHED_MAX:
                self._instants.clear()
            self._instants[text] = None if self.txn_at is None else instant_of(self.txn_at, text)
        return self._instants[text]

    def day(self, text: str) -> date | None:
        """Return the day of a payout; a file has few of them."""
        if text not in self._days:
            if len(self._days) >= _CACHED_MAX:
                self._days.clear()
            self._days[text] = None if self.settled_on is None else day_of(self.settled_on, text)
        return self._days[text]

    def _id(
        self, cells: Sequence[str], name: str, line_no: int, noticed: list[WarnedLine]
    ) -> str | None:
        text = self._text(cells, name)
        if not text:
            return None
        try:
            value, warning = id_of(text)
        except IdNotTaken:
            raise _Rejected(RejectionReason.ROW_NOT_READ) from None
        if warning is not None:
            noticed.append(WarnedLine(line_no, warning, name))
        return value

    def _rrn(self, cells: Sequence[str], line_no: int, noticed: list[WarnedLine]) -> str | None:
        try:
            value, warning = rrn_of(self._text(cells, "rrn"))
        except IdNotTaken:
            raise _Rejected(RejectionReason.ROW_NOT_READ) from None
        if warning is not None:
            noticed.append(WarnedLine(line_no, warning, "rrn"))
        return value

    def _method(self, cells: Sequence[str]) -> str | None:
        constant = self.preset.constants.get("method")
        if constant is not None:
            return constant
        told = self._text(cells, "method")
        if not told:
            return None
        word = self.preset.methods.get(told.lower(), told.upper())
        try:
            return id_of(word)[0]
        except IdNotTaken:
            raise _Rejected(RejectionReason.ROW_NOT_READ) from None

    def _text(self, cells: Sequence[str], name: str) -> str:
        places = self.columns.get(name)
        if not places:
            return ""
        return (cells[places[0]] or self._first(cells, places)).strip()

    def _first(self, cells: Sequence[str], places: Sequence[int]) -> str:
        """Return the first of some cells that says something."""
        for at in places:
            if cells[at]:
                return cells[at]
        return ""

    def _places(self, names: Sequence[str]) -> tuple[int, ...]:
        return tuple(at for name in names if (at := self.header.at(name)) is not None)

    def _free_text(self) -> Iterator[int]:
        wanted = [normalised(name) for name in self.preset.free_text]
        for at, name in enumerate(self.header.names):
            if any(
                name.startswith(each[:-1]) if each.endswith("*") else name == each
                for each in wanted
            ):
                yield at


def _says(word: str, words: Sequence[str]) -> bool:
    return any(bool(word) if each == ANY else word == each.strip().upper() for each in words)


def _signed_net(
    preset: Preset, direction: Direction, told: Money | None, taken: Sequence[Money], gross: Money
) -> Money:
    """Return the net as told, with the sign of its effect; where the file has none, gross less what is *taken*."""
    if told is None:
        return Money(direction.sign * gross.paise - sum(each.paise for each in taken))
    if direction is Direction.DR and told.paise > 0 and preset.dr_net == "negated_when_positive":
        return -told
    return told
