"""Entries of a statement as they are read: numbered, with running balances, and counted where they are equal."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from adapters.settlement_files.limits import ENTRIES_MAX
from adapters.settlement_files.presets import NarrationRule, StatementPreset
from domain.money import Money
from domain.settlements.bank_statement import BankEntry, Narration, entry_key
from domain.settlements.date_text import DatePattern, day_of
from domain.text.card_number import redact
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

log = logging.getLogger(__name__)

NARRATION_CHARS_MAX: Final = 2_000
REFERENCE_CHARS_MAX: Final = 100
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """One entry before it is numbered; *balance* is None where the statement prints none."""

    booked_on: date
    value_on: date
    amount: Money
    narration: str
    reference: str | None
    balance: Money | None = None


def numbered(
    entries: Iterable[ReadEntry], opening: Money, preset: StatementPreset, account: str | None
) -> Iterator[BankEntry]:
    """
    Yield the entries with their numbers, running balances, narrations read, and occurrences.

    Of a card number in a narration or reference the last four digits are kept; that it was there is logged.
    """
    narrations = Narrations.of(preset)
    seen: Counter[str] = Counter()
    masked = 0
    balance = opening
    for entry_no, entry in enumerate(entries, 1):
        if entry_no > ENTRIES_MAX:
            raise SettlementFileRefused(
                FileRefusal.TOO_MANY_ROWS, f"at most {ENTRIES_MAX} entries are read"
            )
        balance = balance + entry.amount if entry.balance is None else entry.balance
        narration = one_line(entry.narration, NARRATION_CHARS_MAX)
        reference = narrations.reference(entry.reference)
        kept = [None if each is None else str(redact(each)) for each in (narration, reference)]
        masked += kept != [narration, reference]
        read = BankEntry(
            entry_no=entry_no,
            booked_on=entry.booked_on,
            value_on=entry.value_on,
            amount=entry.amount,
            narration=kept[0] or "",
            reference=kept[1],
            balance=balance,
            narrated=narrations.read(narration),
            balance_told=entry.balance is not None,
        )
        key = entry_key(account or "", read)
        seen[key] += 1
        yield read if seen[key] == 1 else replace(read, occurrence=seen[key])
    if masked:
        log.warning("bank_statement.card_number_removed", extra={"count": masked})


def one_line(text: str, chars_max: int) -> str:
    """Return *text* without control characters and blanks around it, cut to a length."""
    return _CONTROL.sub(" ", text).strip()[:chars_max]


@dataclass(frozen=True, slots=True)
class Narrations:
    """How this bank writes payouts and empty references."""

    rules: Sequence[tuple[re.Pattern[str], DatePattern, NarrationRule]]
    null_references: Sequence[re.Pattern[str]]

    @classmethod
    def of(cls, preset: StatementPreset) -> "Narrations":
        return cls(
            [
                (re.compile(rule.pattern, re.ASCII), DatePattern.of(rule.date), rule)
                for rule in preset.narrations
            ],
            [re.compile(each, re.ASCII) for each in preset.null_references],
        )

    def reference(self, text: str | None) -> str | None:
        told = one_line(text or "", REFERENCE_CHARS_MAX)
        return (
            None if not told or any(each.fullmatch(told) for each in self.null_references) else told
        )

    def read(self, narration: str) -> Narration | None:
        """Return what the narration of a payout says, or None for any other."""
        for form, date_form, rule in self.rules:
            found = form.search(narration)
            day = None if found is None else day_of(date_form, found["day"])
            if found is not None and day is not None:
                return Narration(
                    merchant_code=found["code"], method=rule.method, day=day, day_is=rule.day_is
                )
        return None
