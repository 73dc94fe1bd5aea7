"""Statements that are tables: rows of entries with a running balance, and maybe a summary below."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.settlement_files.presets import EntryField, StatementPreset, normalised
from adapters.settlement_files.rows import Header, Row, Table
from adapters.settlement_files.statement_entries import ReadEntry, numbered
from domain.money import ZERO, Money
from domain.settlements.amount_text import amount_of
from domain.settlements.bank_statement import BankStatement, totals_of
from domain.settlements.date_text import DatePattern, day_of
from domain.settlements.line_warning import RejectedRow, RejectionReason
from domain.text.card_number import redact

_STARS: Final = frozenset("* ")
_SUMMED: Final = {
    "openingbalance": "opening",
    "drcount": "withdrawals",
    "crcount": "deposits",
    "debits": "debits",
    "credits": "credits",
    "closingbal": "closing",
    "closingbalance": "closing",
}


@dataclass(frozen=True, slots=True)
class ReadTable:
    statement: BankStatement | None
    rejected: tuple[RejectedRow, ...]
    padded_with_spaces: bool
    summary_agrees: bool


@dataclass(slots=True)
class StatementTable:
    """The columns of one statement, found once; then row by row."""

    preset: StatementPreset
    table: Table
    header: Header
    account: str | None = None
    padded: bool = False
    rejected: list[RejectedRow] = field(default_factory=list)
    summary: dict[str, str] = field(default_factory=dict)

    def read(self) -> ReadTable:
        rows = list(self._entry_rows())
        booked = self._pattern("booked_on", rows)
        value = self._pattern("value_on", rows)
        read = [entry for row in rows if (entry := self._entry(row, booked, value)) is not None]
        if not read:
            return ReadTable(None, tuple(self.rejected), self.padded, not self.summary)
        first = read[0]
        told = amount_of(self.summary.get("opening", ""))
        opening = told if told is not None else (first.balance or ZERO) - first.amount
        entries = tuple(numbered(read, opening, self.preset, self.account))
        statement = BankStatement(
            account=self.account, opening=opening, closing=entries[-1].balance, entries=entries
        )
        return ReadTable(
            statement, tuple(self.rejected), self.padded, self._summary_agrees(statement)
        )

    def _entry_rows(self) -> Iterator[Row]:
        """Yield the rows below the header that are to be entries; take the account above and the summary below."""
        above: list[str] = []
        labels: list[str] = []
        in_summary = False
        for row in self.table.rows():
            cells = row.cells
            if row.line_no < self.header.line_no:
                above.append(" ".join(cells or ()))
            elif row.line_no == self.header.line_no:
                self.account = self._account_in(above)
            elif cells is None:
                self._reject(row, RejectionReason.ROW_NOT_READ)
            elif not any(map(str.strip, cells)) or all(map(_STARS.issuperset, cells)):
                continue
            elif in_summary:
                if not labels:
                    labels = [_SUMMED.get(normalised(cell).rstrip(".:"), "") for cell in cells]
                elif not self.summary:
                    pairs = zip(labels, cells, strict=False)
                    self.summary = {label: cell.strip() for label, cell in pairs if label}
            elif self.preset.summary is not None and any(
                normalised(cell).startswith(normalised(self.preset.summary)) for cell in cells
            ):
                in_summary = True
            else:
                yield row

    def _account_in(self, above: Sequence[str]) -> str | None:
        if self.preset.account is None:
            return None
        for line in above:
            if found := re.search(self.preset.account, line, re.ASCII | re.IGNORECASE):
                return found["account"]
        return None

    def _pattern(self, name: EntryField, rows: Sequence[Row]) -> DatePattern | None:
        """Return the first pattern that reads the whole column, or else the one that reads the most of it."""
        cells = [self._text(row, name) for row in rows]
        patterns = [DatePattern.of(each) for each in self.preset.dates]
        return max(
            patterns,
            key=lambda each: sum(each.read(cell) is not None for cell in cells),
            default=None,
        )

    def _entry(
        self, row: Row, booked: DatePattern | None, value: DatePattern | None
    ) -> ReadEntry | None:
        cells = row.cells or []
        if len(cells) < len(self.header.names):
            self._reject(row, RejectionReason.ROW_TOO_SHORT)
            return None
        self.padded = self.padded or any(cell != cell.strip() for cell in cells)
        booked_on = day_of(booked, self._text(row, "booked_on")) if booked else None
        value_on = day_of(value, self._text(row, "value_on")) if value else None
        if booked_on is None or value_on is None:
            self._reject(row, RejectionReason.DATE_NOT_READ)
            return None
        withdrawal, deposit = self._text(row, "withdrawal"), self._text(row, "deposit")
        paid_out = ZERO if not withdrawal else amount_of(withdrawal)
        paid_in = ZERO if not deposit else amount_of(deposit)
        balance = amount_of(self._text(row, "balance"))
        if paid_out is None or paid_in is None or balance is None or not (withdrawal or deposit):
            self._reject(row, RejectionReason.AMOUNT_NOT_EXACT)
            return None
        if paid_out and paid_in:
            self._reject(row, RejectionReason.DIRECTION_UNKNOWN)
            return None
        return ReadEntry(
            booked_on=booked_on,
            value_on=value_on,
            amount=paid_in - paid_out,
            narration=self._text(row, "narration"),
            reference=self._text(row, "reference"),
            balance=balance,
        )

    def _reject(self, row: Row, reason: RejectionReason) -> None:
        told = " | ".join(row.cells or ())
        text = redact("".join(mark if mark.isprintable() else " " for mark in told))
        self.rejected.append(RejectedRow(row.line_no, reason, str(text)))

    def _text(self, row: Row, name: EntryField) -> str:
        for column in self.preset.columns[name]:
            at = self.header.at(column)
            if at is not None and row.cells is not None and at < len(row.cells):
                return row.cells[at].strip()
        return ""

    def _summary_agrees(self, statement: BankStatement) -> bool:
        """Whether opening balance, counts, sums and closing balance of the summary are those of the rows."""
        debits, credits_ = totals_of(statement.entries)
        first = statement.entries[0]
        withdrawals = sum(entry.amount.paise < 0 for entry in statement.entries)
        expected: dict[str, Money] = {
            "opening": first.balance - first.amount,
            "withdrawals": Money(withdrawals * 100),
            "deposits": Money((len(statement.entries) - withdrawals) * 100),
            "debits": debits,
            "credits": credits_,
            "closing": statement.closing,
        }
        return all(amount_of(told) == expected[label] for label, told in self.summary.items())
