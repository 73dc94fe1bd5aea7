"""The ledger as it is read: balances by an index alone, pages from the place where the last one ended."""

# ruff: noqa: S608 - these texts hold only constants of this code

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from domain.errors import NotFound
from domain.identifiers import PaymentId
from domain.ledger.account import CHART, Account
from domain.ledger.journal import Entry, JournalKey, JournalKind
from domain.money import Money
from ports.ledger.ledger_queries import (
    AccountBalance,
    AccountPage,
    EntryCursor,
    JournalCursor,
    JournalPage,
    PostedEntry,
    PostedJournal,
)

BEFORE_ALL: Final = (date.min, 0, 0)

TRIAL_BALANCE: Final = prepare(
    text("""
        SELECT account,
               coalesce(sum(amount_paise) FILTER (WHERE amount_paise > 0), 0)::bigint AS debits,
               coalesce(-sum(amount_paise) FILTER (WHERE amount_paise < 0), 0)::bigint AS credits
        FROM entry WHERE business_date <= :through GROUP BY account
    """)
)
ACCOUNT_PAGE: Final = prepare(
    text("""
        SELECT e.journal_id, e.line, e.business_date, e.account, e.amount_paise, e.payment_id,
               e.settlement, e.discrepancy, j.kind, j.subject, j.sequence, j.fact_date, j.reference
        FROM entry e JOIN journal j ON j.id = e.journal_id
        WHERE e.account = :account AND e.business_date BETWEEN :first AND :last
          AND (e.business_date, e.journal_id, e.line)
              > (CAST(:after_day AS date), CAST(:after_journal AS bigint), CAST(:after_line AS smallint))
        ORDER BY e.business_date, e.journal_id, e.line LIMIT :at_most
    """)
)
_JOURNAL: Final = """
    SELECT j.id, j.kind, j.subject, j.sequence, j.fact_date, j.business_date, j.posted_at,
           j.reference, j.reverses,
           (SELECT json_agg(json_build_array(e.account, e.amount_paise, e.payment_id, e.settlement,
                                             e.discrepancy) ORDER BY e.line)
            FROM entry e WHERE e.journal_id = j.id) AS entries
    FROM journal j
"""
JOURNAL_PAGE: Final = prepare(
    text(f"""{_JOURNAL}
        WHERE j.business_date BETWEEN :first AND :last
          AND (j.business_date, j.id) > (CAST(:after_day AS date), CAST(:after_journal AS bigint))
        ORDER BY j.business_date, j.id LIMIT :at_most
    """)
)
BY_NUMBER: Final = prepare(text(f"{_JOURNAL} WHERE j.id = CAST(:number AS bigint)"))
ABOUT: Final = prepare(
    text(f"""{_JOURNAL}
        WHERE j.id IN (SELECT journal_id FROM entry WHERE payment_id = CAST(:payment AS text))
        ORDER BY j.id
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresLedgerQueries:
    database: Database

    async def trial_balance(self, through: date) -> Sequence[AccountBalance]:
        rows = await self.database.fetch(TRIAL_BALANCE, through=through)
        known = {row["account"]: row for row in rows}
        return [
            AccountBalance(
                account, Money(known[account]["debits"]), Money(known[account]["credits"])
            )
            for account in CHART
            if account in known
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
        day, journal, line = (after.posted_on, after.journal, after.line) if after else BEFORE_ALL
        rows = await self.database.fetch(
            ACCOUNT_PAGE,
            account=account.value,
            first=first,
            last=last,
            after_day=day,
            after_journal=journal,
            after_line=line,
            at_most=at_most + 1,
        )
        return AccountPage.of([to_posted_entry(row) for row in rows], at_most=at_most)

    async def journal_page(
        self, first: date, last: date, *, after: JournalCursor | None = None, at_most: int
    ) -> JournalPage:
        day, journal = (after.posted_on, after.journal) if after else BEFORE_ALL[:2]
        rows = await self.database.fetch(
            JOURNAL_PAGE,
            first=first,
            last=last,
            after_day=day,
            after_journal=journal,
            at_most=at_most + 1,
        )
        return JournalPage.of([to_posted_journal(row) for row in rows], at_most=at_most)

    async def journal(self, number: int) -> PostedJournal:
        rows = await self.database.fetch(BY_NUMBER, number=number)
        if not rows:
            raise NotFound("journal", str(number))
        return to_posted_journal(rows[0])

    async def about(self, payment: PaymentId) -> Sequence[PostedJournal]:
        return [to_posted_journal(row) for row in await self.database.fetch(ABOUT, payment=payment)]


def to_posted_journal(row: Mapping[str, Any]) -> PostedJournal:
    told = row["entries"]
    entries = json.loads(told) if isinstance(told, str) else told
    return PostedJournal(
        number=row["id"],
        key=_to_key(row),
        day=row["fact_date"],
        posted_on=row["business_date"],
        posted_at=row["posted_at"],
        reference=row["reference"],
        reverses=row["reverses"],
        entries=tuple(_to_entry(*entry) for entry in entries),
    )


def to_posted_entry(row: Mapping[str, Any]) -> PostedEntry:
    return PostedEntry(
        journal=row["journal_id"],
        line=row["line"],
        key=_to_key(row),
        day=row["fact_date"],
        posted_on=row["business_date"],
        reference=row["reference"],
        entry=_to_entry(
            row["account"],
            row["amount_paise"],
            row["payment_id"],
            row["settlement"],
            row["discrepancy"],
        ),
    )


def _to_key(row: Mapping[str, Any]) -> JournalKey:
    return JournalKey(JournalKind(row["kind"]), row["subject"], row["sequence"])


def _to_entry(
    account: str,
    paise: int,
    payment: str | None,
    settlement: str | None,
    discrepancy: str | None,
) -> Entry:
    return Entry(
        Account(account),
        Money(paise),
        None if payment is None else PaymentId(payment),
        settlement,
        discrepancy,
    )
