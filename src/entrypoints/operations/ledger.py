"""The ledger as the command line reads, exports, back-fills and closes it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, TextIO

from domain.business_day import business_day_of
from domain.identifiers import PaymentId, is_payment_id
from domain.ledger.account import Account
from domain.money import ZERO, Money
from entrypoints.operations.ledger_text import TEXTS, LedgerFormat, LedgerPeriod
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.ledger.ledger_queries import (
    AccountBalance,
    LedgerQueries,
    PostedEntry,
    PostedJournal,
)

AT_A_TIME: Final = 500
ENTRIES_SHOWN_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """The *entries* of an account in a period, oldest first; *more* is whether some are left out."""

    opening: Money
    entries: Sequence[PostedEntry]
    more: bool


def trial_balance(
    settings: Settings, through: date | None
) -> tuple[date, Sequence[AccountBalance]]:
    """Return the balances up to that day, by default today in India, and the day."""

    async def read(container: Shulk) -> tuple[date, Sequence[AccountBalance]]:
        day = through or business_day_of(container.clock().now())
        return day, await _queries(container).trial_balance(day)

    return run_in_container(settings, read)


def account_statement(
    settings: Settings, account: Account, first: date, last: date
) -> AccountStatement:
    """Return the first entries of *account* in the period, and its balance before."""

    async def read(container: Shulk) -> AccountStatement:
        queries = _queries(container)
        page = await queries.account_page(account, first, last, at_most=ENTRIES_SHOWN_MAX)
        before = await _before(queries, first)
        opening = next((each.balance for each in before if each.account is account), ZERO)
        return AccountStatement(opening=opening, entries=page.items, more=page.next is not None)

    return run_in_container(settings, read)


def journals(settings: Settings, wanted: str) -> Sequence[PostedJournal]:
    """Return the journals about a payment, or the one with that number; raises ``NotFound``."""

    async def read(container: Shulk) -> Sequence[PostedJournal]:
        if is_payment_id(wanted):
            return await _queries(container).about(PaymentId(wanted))
        return [await _queries(container).journal(int(wanted))]

    return run_in_container(settings, read)


def export(
    settings: Settings,
    form: LedgerFormat,
    to: TextIO,
    *,
    first: date,
    last: date | None,
    account: Account | None,
) -> int:
    """
    Write the journals of the period to *to*, only those with an entry of *account* when given.

    Return how many there were. They are read page by page. Where all are written, the text of
    beancount and hledger begins with the balances before the period and asserts those at its end.
    """

    async def write(container: Shulk) -> int:
        queries = _queries(container)
        text, written = TEXTS[form], 0
        through = last or business_day_of(container.clock().now())
        period = LedgerPeriod(first=first, last=through)
        facts = {"format": form.value, "first": f"{first}", "last": f"{through}"}
        record = container.use_cases().audit().record_access().commanded
        await record("ledger.exported", "ledger", BY_COMMAND, facts)
        if account is None:
            period = replace(period, opening=await _before(queries, first))
        to.write(text.head(period))
        async for journal in _journals(queries, first, through):
            if account is None or any(entry.account is account for entry in journal.entries):
                to.write(text.journal(journal))
                written += 1
        if account is None:
            period = replace(period, closing=await queries.trial_balance(through))
        to.write(text.tail(period))
        return written

    return run_in_container(settings, write)


def backfill(settings: Settings) -> int:
    """Post what was stored before the ledger existed; return how many payments were read."""

    async def post(container: Shulk) -> int:
        read: int = await container.use_cases().ledger().backfill_ledger().now()
        return read

    return run_in_container(settings, post)


def close(settings: Settings, through: date) -> None:
    """Close all days up to *through*; raises ``PeriodNotOver`` and ``PeriodClosed``."""

    async def closed(container: Shulk) -> None:
        await container.use_cases().ledger().close_ledger()(through, BY_COMMAND)

    run_in_container(settings, closed)


def _queries(container: Shulk) -> LedgerQueries:
    queries: LedgerQueries = container.storage.ledger()
    return queries


async def _before(queries: LedgerQueries, first: date) -> Sequence[AccountBalance]:
    return await queries.trial_balance(first - timedelta(days=1))


async def _journals(
    queries: LedgerQueries, first: date, last: date
) -> AsyncIterator[PostedJournal]:
    after = None
    while True:
        page = await queries.journal_page(first, last, after=after, at_most=AT_A_TIME)
        for journal in page.items:
            yield journal
        if (after := page.next) is None:
            return
