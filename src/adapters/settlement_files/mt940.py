"""MT940 statements (SWIFT): several messages in a file, entries without printed balances."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from adapters.settlement_files.limits import CELL_CHARS_MAX
from adapters.settlement_files.presets import StatementPreset
from adapters.settlement_files.statement_entries import ReadEntry, numbered
from domain.money import Money, MoneyNotExact
from domain.settlements.bank_statement import BankStatement
from domain.settlements.date_text import YEAR_FIRST
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

SILENT: Final = logging.CRITICAL + 1
"""The library logs the text of what it cannot read; names and narrations have no place in a log."""

NARRATION_LINE_CHARS: Final = 65
"""A line of ``:86:`` is this long when the text goes on in the next one without a blank (SWIFT MT940)."""

_BEGINS: Final = re.compile(r"(?m)^(?=:20:)")
_ENTRY: Final = re.compile(r"(?m)^:61:")
_POSITIVE: Final = frozenset({"C", "RD"})
_STATUSES: Final = frozenset({"C", "D", "RC", "RD"})


@dataclass(frozen=True, slots=True)
class Mt940File:
    text: str
    preset: StatementPreset

    def statements(self) -> Iterator[BankStatement]:
        """Yield each message as a statement; refuse the file when one cannot be read whole."""
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n")
        if any(len(line) > CELL_CHARS_MAX for line in lines.split("\n")):
            raise SettlementFileRefused(
                FileRefusal.CELL_TOO_LONG, f"a line has at most {CELL_CHARS_MAX} characters"
            )
        blocks = [each for each in _BEGINS.split(lines) if each.startswith(":20:")]
        if not blocks:
            raise SettlementFileRefused(FileRefusal.NO_PRESET, "it holds no MT940 message")
        for block in blocks:
            yield self._statement(block)

    def _statement(self, block: str) -> BankStatement:
        from mt940.models import Transactions  # noqa: PLC0415 - only such a statement pays for the library

        logging.getLogger("mt940").setLevel(SILENT)
        read = Transactions()
        try:
            read.parse(block)
            opening = _balance(read.data, "opening")
            closing = _balance(read.data, "closing")
            entries = [_entry(each.data) for each in read.transactions if "amount" in each.data]
        except SettlementFileRefused:
            raise
        except Exception:  # noqa: BLE001 - whatever the library makes of a hostile text, the file is refused
            raise _damaged() from None
        if len(entries) != len(_ENTRY.findall(block)):
            raise _damaged()
        account = str(read.data.get("account_identification") or "").strip() or None
        numbered_entries = tuple(numbered(entries, opening, self.preset, account))
        return BankStatement(
            account=account, opening=opening, closing=closing, entries=numbered_entries
        )


def _entry(data: dict[str, Any]) -> ReadEntry:
    status = str(data["status"])
    if status not in _STATUSES:
        raise _damaged()
    size = _money(data["amount"])
    size = Money(abs(size.paise))
    value_on = _day(data["date"])
    booked = data.get("entry_date") or data["date"]
    reference = data.get("customer_reference")
    if str(reference or "").strip().upper() in {"", "NONREF"}:
        reference = data.get("bank_reference")
    return ReadEntry(
        booked_on=_day(booked),
        value_on=value_on,
        amount=size if status in _POSITIVE else -size,
        narration=_joined(str(data.get("transaction_details") or "")),
        reference=None if reference is None else str(reference),
    )


def _balance(data: dict[str, Any], which: str) -> Money:
    found = data.get(f"final_{which}_balance") or data.get(f"intermediate_{which}_balance")
    if found is None:
        raise _damaged()
    money = _money(found.amount)
    return Money(abs(money.paise) if str(found.status) == "C" else -abs(money.paise))


def _money(amount: Any) -> Money:
    if str(amount.currency or "INR") != "INR":
        raise SettlementFileRefused(FileRefusal.CURRENCY_NOT_INR, "its amounts are not in INR")
    try:
        return Money.from_rupees(Decimal(amount.amount))
    except MoneyNotExact:
        raise _damaged() from None


def _day(told: Any) -> date:
    day = date(told.year, told.month, told.day)
    if day.year < YEAR_FIRST:
        raise _damaged()
    return day


def _joined(text: str) -> str:
    """Return the lines of a narration as one: a full line goes on in the next, a shorter one is followed by a blank."""
    lines = text.split("\n")
    return "".join(
        line if len(line) >= NARRATION_LINE_CHARS or at == len(lines) - 1 else f"{line} "
        for at, line in enumerate(lines)
    )


def _damaged() -> SettlementFileRefused:
    return SettlementFileRefused(FileRefusal.DAMAGED, "it is no MT940 message that can be read")
