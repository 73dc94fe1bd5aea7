"""The ledger as it is read, in memory."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.ledger.account import CHART, Account
from domain.money import ZERO, Money
from fakes.store import Store
from ports.ledger.ledger_queries import (
    AccountBalance,
    AccountPage,
    EntryCursor,
    JournalCursor,
    JournalPage,
    PostedEntry,
    PostedJournal,
)


@dataclass(frozen=True, slots=True)
class MemoryLedgerQueries:
    store: Store

    async def trial_balance(self, through: date) -> Sequence[AccountBalance]:
        await asyncio.sleep(0)
        amounts: dict[Account, list[Money]] = {}
        for journal in self.store.journals.values():
            if journal.posted_on <= through:
                for entry in journal.entries:
                    amounts.setdefault(entry.account, []).append(entry.amount)
        return [
            AccountBalance(
                account,
                sum((each for each in amounts[account] if each > ZERO), ZERO),
                -sum((each for each in amounts[account] if each < ZERO), ZERO),
            )
            for account in CHART
            if account in amounts
        ]

    async def account_page(
        self,
        account: Account,
        first: date,
        last: date,
        *,
        after: EntryCursor | None = None,
        at_most: int,
    ) -> AccountPage:
        await asyncio.sleep(0)
        place = (after.posted_on, after.journal, after.line) if after else (date.min, 0, 0)
        found = [
            each
            for each in _entries(self.store)
            if each.entry.account is account
            and first <= each.posted_on <= last
            and (each.posted_on, each.journal, each.line) > place
        ]
        in_order = sorted(found, key=lambda each: (each.posted_on, each.journal, each.line))
        return AccountPage.of(in_order[: at_most + 1], at_most=at_most)

    async def journal_page(
        self, first: date, last: date, *, after: JournalCursor | None = None, at_most: int
    ) -> JournalPage:
        await asyncio.sleep(0)
        place = (after.posted_on, after.journal) if after else (date.min, 0)
        found = [
            each
            for each in self.store.journals.values()
            if first <= each.posted_on <= last and (each.posted_on, each.number) > place
        ]
        in_order = sorted(found, key=lambda each: (each.posted_on, each.number))
        return JournalPage.of(in_order[: at_most + 1], at_most=at_most)

    async def journal(self, number: int) -> PostedJournal:
        await asyncio.sleep(0)
        try:
            return self.store.journals[number]
        except KeyError:
            raise NotFound("journal", str(number)) from None

    async def about(self, payment: PaymentId) -> Sequence[PostedJournal]:
        await asyncio.sleep(0)
        return [
            each
            for each in self.store.journals.values()
            if any(entry.payment == payment for entry in each.entries)
        ]


def _entries(store: Store) -> Iterator[PostedEntry]:
    for journal in store.journals.values():
        for line, entry in enumerate(journal.entries, start=1):
            yield PostedEntry(
                journal=journal.number,
                line=line,
                key=journal.key,
                day=journal.day,
                posted_on=journal.posted_on,
                reference=journal.reference,
                entry=entry,
            )
