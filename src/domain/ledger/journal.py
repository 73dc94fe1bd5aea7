"""A journal: signed entries that sum to zero, written once and corrected by its mirror only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.money import ZERO, Money

ENTRIES_MIN: Final = 2
SUBJECT_MAX: Final = 160
REFERENCE_MAX: Final = 100
ID_MAX: Final = 100
"""Characters of the id of a settlement or of a discrepancy."""


class JournalKind(StrEnum):
    """Which fact a journal states."""

    INVOICE = "invoice"
    CAPTURE = "capture"
    REFUND_ASKED = "refund_asked"
    REFUND_PAID = "refund_paid"
    CREDIT_NOTE = "credit_note"
    REVERSAL = "reversal"
    """The mirror of another journal."""

    SETTLEMENT = "settlement"
    PAYOUT_FEE = "payout_fee"
    BANK_CREDIT = "bank_credit"
    DIFFERENCE = "difference"
    ACCEPTED = "accepted"
    MATCH = "match"
    CHARGEBACK_LOST = "chargeback_lost"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal: a positive *amount* is a debit, a negative one a credit, none is zero."""

    account: Account
    amount: Money
    payment: PaymentId | None = None
    settlement: str | None = None
    discrepancy: str | None = None

    def __post_init__(self) -> None:
        if not self.amount:
            raise ValueError("an entry of nothing")
        if max(len(self.settlement or ""), len(self.discrepancy or "")) > ID_MAX:
            raise ValueError("an id of an entry is too long")

    def __neg__(self) -> Self:
        return replace(self, amount=-self.amount)


@dataclass(frozen=True, slots=True)
class JournalKey:
    """
    What makes a posting idempotent: the same fact has the same key, and a key is posted once.

    *subject* is the id of what the fact is about. *sequence* counts the facts of this kind about it.
    """

    kind: JournalKind
    subject: str
    sequence: int = 1

    def __post_init__(self) -> None:
        if not 0 < len(self.subject) <= SUBJECT_MAX or self.sequence < 1:
            raise ValueError(f"no key of a journal: {self}")

    def __str__(self) -> str:
        return f"{self.kind}/{self.subject}/{self.sequence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """
    A balanced journal about the fact of *day*, a day in India.

    *reference* names the fact elsewhere: a document's number, the bank's id. *reverses* is the key
    of the journal whose mirror this is. Raises ``ValueError`` for entries that do not balance, and
    for a reference longer than ``REFERENCE_MAX``.
    """

    key: JournalKey
    day: date
    entries: tuple[Entry, ...]
    reference: str = ""
    reverses: JournalKey | None = None

    def __post_init__(self) -> None:
        if len(self.entries) < ENTRIES_MIN:
            raise ValueError(f"the journal {self.key} has fewer than two entries")
        if len(self.reference) > REFERENCE_MAX:
            raise ValueError(f"the reference of the journal {self.key} is too long")
        if total(self.entries):
            raise ValueError(f"the journal {self.key} does not sum to zero")

    @classmethod
    def of(
        cls, key: JournalKey, day: date, entries: Iterable[Entry | None], reference: str = ""
    ) -> Self | None:
        """Return the journal of *entries*, without those that are None; no entries are no journal."""
        kept = tuple(entry for entry in entries if entry is not None)
        return cls(key=key, day=day, entries=kept, reference=reference) if kept else None

    def mirrored(self, day: date) -> Self:
        """Return the journal that takes this one back on *day*."""
        return type(self)(
            key=reversal_of(self.key),
            day=day,
            entries=tuple(-entry for entry in self.entries),
            reference=self.reference,
            reverses=self.key,
        )


@dataclass(frozen=True, slots=True)
class Reversal:
    """That the journal *of* is to be taken back on *day*, by its mirror."""

    of: JournalKey
    day: date


def debit(
    account: Account,
    amount: Money,
    payment: PaymentId | None = None,
    *,
    settlement: str | None = None,
    discrepancy: str | None = None,
) -> Entry | None:
    """Return the entry that debits *account* with *amount*, which may be negative; None for nothing."""
    if not amount:
        return None
    return Entry(account, amount, payment, settlement, discrepancy)


def credit(
    account: Account,
    amount: Money,
    payment: PaymentId | None = None,
    *,
    settlement: str | None = None,
    discrepancy: str | None = None,
) -> Entry | None:
    """Return the entry that credits *account* with *amount*, which may be negative; None for nothing."""
    return debit(account, -amount, payment, settlement=settlement, discrepancy=discrepancy)


def reversal_of(key: JournalKey) -> JournalKey:
    """Return the key of the one journal that takes the journal of *key* back."""
    return JournalKey(JournalKind.REVERSAL, str(key))


def total(entries: Iterable[Entry]) -> Money:
    return sum((entry.amount for entry in entries), ZERO)


def posted_on(day: date, closed_through: date | None) -> date:
    """
    Return the day on which a fact of *day* is posted: its own, or the first open day after it.

    All days up to *closed_through* are closed, None while no period is.
    """
    return day if closed_through is None else max(day, closed_through + timedelta(days=1))
