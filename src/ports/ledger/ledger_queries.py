"""Reading the ledger: balances, the entries of an account, and whole journals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, Self

from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import Entry, JournalKey
from domain.money import Money


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """The sums of one account's entries; both are positive."""

    account: Account
    debits: Money
    credits: Money

    @property
    def balance(self) -> Money:
        """Debits less credits: negative is a credit balance."""
        return self.debits - self.credits


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedJournal:
    """
    A journal as it was posted, under its *number*, at *posted_at* (UTC).

    *posted_on* is its business date; *day* the day of its fact, an earlier one where that was closed.
    *reverses* is the number of the journal that it takes back.
    """

    number: int
    key: JournalKey
    day: date
    posted_on: date
    posted_at: datetime
    reference: str
    reverses: int | None
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedEntry:
    """One entry of an account; *line* counts the entries of its journal from 1."""

    journal: int
    line: int
    key: JournalKey
    day: date
    posted_on: date
    reference: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class EntryCursor:
    """The last entry of the page before."""

    posted_on: date
    journal: int
    line: int


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Oldest business date first; *next* is None on the last page."""

    items: Sequence[PostedEntry]
    next: EntryCursor | None

    @classmethod
    def of(cls, items: Sequence[PostedEntry], *, at_most: int) -> Self:
        """Return the page of the first *at_most* of *items*; with more of them another page follows."""
        shown = items[:at_most]
        last = shown[-1] if len(items) > at_most else None
        return cls(shown, EntryCursor(last.posted_on, last.journal, last.line) if last else None)


@dataclass(frozen=True, slots=True)
class JournalCursor:
    """The last journal of the page before."""

    posted_on: date
    journal: int


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Oldest business date first; *next* is None on the last page."""

    items: Sequence[PostedJournal]
    next: JournalCursor | None

    @classmethod
    def of(cls, items: Sequence[PostedJournal], *, at_most: int) -> Self:
        """Return the page of the first *at_most* of *items*; with more of them another page follows."""
        shown = items[:at_most]
        last = shown[-1] if len(items) > at_most else None
        return cls(shown, JournalCursor(last.posted_on, last.number) if last else None)


class LedgerQueries(Protocol):
    """Periods are by business date, both days included."""

    async def trial_balance(self, through: date) -> Sequence[AccountBalance]:
        """Return the balance of each account that has entries up to that day, in the order of the chart."""
        ...

    async def account_page(
        self,
        account: Account,
        first: date,
        last: date,
        *,
        after: EntryCursor | None = None,
        at_most: int,
    ) -> AccountPage:
        """Return up to *at_most* entries of *account* in the period, beginning after *after*."""
        ...

    async def journal_page(
        self, first: date, last: date, *, after: JournalCursor | None = None, at_most: int
    ) -> JournalPage:
        """Return up to *at_most* journals of the period, beginning after *after*."""
        ...

    async def journal(self, number: int) -> PostedJournal:
        """Return the journal with that number, or raise ``NotFound``."""
        ...

    async def about(self, payment: PaymentId) -> Sequence[PostedJournal]:
        """Return the journals with an entry of *payment*, in the order in which they were posted."""
        ...
