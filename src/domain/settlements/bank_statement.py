"""A statement of the bank account that settlements are paid into: entries whose balances have to follow."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from domain.money import Money

ENTRY_KEY_VERSION: Final = "bank-entry-v1"
_SEPARATOR: Final = "\x1f"


class NarratedDay(StrEnum):
    """Which day the narration of a payout names."""

    SETTLED_ON = "settled_on"
    """The day of the payout."""

    SALES = "sales"
    """The day of the sales that are paid out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narration:
    """What the narration of a payout says: the bank's code of the merchant, and a day."""

    merchant_code: str
    method: str
    day: date
    day_is: NarratedDay


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntry:
    """One movement on the account; *amount* is signed, as is *balance*, the running balance behind it."""

    entry_no: int
    """From 1, in the order of the statement."""

    booked_on: date
    value_on: date
    amount: Money
    narration: str
    reference: str | None
    balance: Money
    narrated: Narration | None = None
    balance_told: bool = True
    """Whether the statement prints the balance; otherwise it is counted from the opening balance."""

    occurrence: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement:
    """Entries of one account without a gap, in the order of the bank."""

    account: str | None
    """The account's number as the statement writes it, or None where it has none."""

    opening: Money
    closing: Money
    entries: tuple[BankEntry, ...]

    def breaks(self) -> Iterator[int]:
        """
        Yield the number of each entry whose balance does not follow from the one before.

        The number behind the last entry stands for a closing balance that does not follow.
        """
        before = self.opening
        for entry in self.entries:
            if before + entry.amount != entry.balance:
                yield entry.entry_no
            before = entry.balance
        if before != self.closing:
            yield len(self.entries) + 1

    @property
    def balances_follow(self) -> bool:
        """Whether opening balance and entries make the closing balance, row by row."""
        return next(self.breaks(), None) is None

    def joins(self, previous: "BankStatement") -> bool:
        """Whether this statement begins with the balance that *previous* of the same account ended with."""
        return self.account == previous.account and self.opening == previous.closing


def entry_key(account: str, entry: BankEntry) -> str:
    """
    Return the SHA-256 of everything that an entry says, as 64 hex digits.

    Hashed are the version, account, both days, amount and running balance in paise, reference, narration and
    occurrence, joined by U+001F in UTF-8. The running balance tells two equal movements of one day apart.
    """
    fields = (
        ENTRY_KEY_VERSION,
        account,
        entry.booked_on.isoformat(),
        entry.value_on.isoformat(),
        str(entry.amount.paise),
        entry.reference or "",
        entry.narration,
        str(entry.balance.paise),
        str(entry.occurrence),
    )
    return hashlib.sha256(_SEPARATOR.join(fields).encode()).hexdigest()


def same_account(told: str, ours: str) -> bool:
    """
    Whether the account that a statement names is *ours*, compared by its digits and letters.

    A bank code before the number, as in ``HDFCINBB/50200000000001``, does not count.
    """
    return _bare(told.rpartition("/")[2]) == _bare(ours.rpartition("/")[2])


def totals_of(entries: Iterable[BankEntry]) -> tuple[Money, Money]:
    """Return the sums of the withdrawals and of the deposits, both positive."""
    amounts = [entry.amount.paise for entry in entries]
    return Money(-sum(each for each in amounts if each < 0)), Money(
        sum(each for each in amounts if each > 0)
    )


def _bare(account: str) -> str:
    return "".join(mark for mark in account if mark.isalnum()).upper()
