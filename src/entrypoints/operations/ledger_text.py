"""The ledger as text that other programs read: beancount, hledger, and the tables of Tally and Zoho Books."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from io import StringIO
from typing import Final, Protocol

from domain.ledger.account import CHART, Account, AccountKind
from domain.ledger.journal import Entry
from domain.money import ZERO, Money
from ports.ledger.ledger_queries import AccountBalance, PostedJournal

ROOTS: Final[Mapping[AccountKind, str]] = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.INCOME: "Income",
    AccountKind.CONTRA_INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
    AccountKind.EITHER: "Assets",
}
"""Suspense may lie on both sides; those programs know no such root, so it stands among the assets."""

CURRENCY: Final = "INR"
FORMULA_STARTS: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""Also in their wide forms."""

Amounts = Iterable[tuple[Account, Money]]


class LedgerFormat(StrEnum):
    CSV = "csv"
    """One line for each entry, with every id."""

    TALLY = "tally"
    ZOHO = "zoho"
    BEANCOUNT = "beancount"
    HLEDGER = "hledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPeriod:
    """
    A period by business date, both days included, with the balances before it and at its end.

    *closing* is None where only some journals are written, so that no balance can be asserted.
    """

    first: date
    last: date
    opening: Sequence[AccountBalance] = ()
    closing: Sequence[AccountBalance] | None = None


class LedgerText(Protocol):
    """Writes a period as text: its beginning, each journal, and its end."""

    def head(self, period: LedgerPeriod) -> str: ...

    def journal(self, journal: PostedJournal) -> str: ...

    def tail(self, period: LedgerPeriod) -> str: ...


class Beancount:
    """The language of beancount. The balances are asserted at the end, without its usual tolerance."""

    def head(self, period: LedgerPeriod) -> str:
        before = period.first - timedelta(days=1)
        opened = "".join(f"{before} open {_place(each)} {CURRENCY}\n" for each in CHART)
        text = f'option "title" "Shulk ledger"\noption "operating_currency" "INR"\n\n{opened}'
        if period.opening:
            text += f'\n{before} * "opening balances"\n{self._lines(_balances(period.opening))}'
        return text

    def journal(self, journal: PostedJournal) -> str:
        fact = f"  fact-date: {journal.day}\n" if journal.day != journal.posted_on else ""
        return (
            f'\n{journal.posted_on} * "{_narration(journal)}"\n  journal: "{journal.number}"\n'
            f"{fact}{self._lines(_entries(journal))}"
        )

    def tail(self, period: LedgerPeriod) -> str:
        after = period.last + timedelta(days=1)
        return "\n" + "".join(
            f"{after} balance {_place(account)} {balance.plain()} ~ 0.00 {CURRENCY}\n"
            for account, balance in _every_balance(period.closing)
        )

    def _lines(self, amounts: Amounts) -> str:
        return "".join(
            f"  {_place(account)}  {amount.plain()} {CURRENCY}\n" for account, amount in amounts
        )


class Hledger:
    """A journal of hledger. The balances are asserted at the end."""

    def head(self, period: LedgerPeriod) -> str:
        text = f"commodity {CURRENCY} 1000.00\n"
        text += "".join(f"account {_place(each)}\n" for each in CHART)
        if period.opening:
            before = period.first - timedelta(days=1)
            text += f"\n{before} * opening balances\n{self._lines(_balances(period.opening))}"
        return text

    def journal(self, journal: PostedJournal) -> str:
        fact = f"    ; fact-date: {journal.day}\n" if journal.day != journal.posted_on else ""
        return (
            f"\n{journal.posted_on} * ({journal.number}) {_narration(journal)}\n"
            f"{fact}{self._lines(_entries(journal))}"
        )

    def tail(self, period: LedgerPeriod) -> str:
        asserted = "".join(
            f"    {_place(account)}  {CURRENCY} 0.00 = {CURRENCY} {balance.plain()}\n"
            for account, balance in _every_balance(period.closing)
        )
        return f"\n{period.last} * closing balances\n{asserted}" if asserted else ""

    def _lines(self, amounts: Amounts) -> str:
        return "".join(
            f"    {_place(account)}  {CURRENCY} {amount.plain()}\n" for account, amount in amounts
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: a heading, and the *cells* of each entry."""

    heading: Sequence[str]
    cells: Callable[[PostedJournal, Entry], Sequence[str]]

    def head(self, period: LedgerPeriod) -> str:  # noqa: ARG002 - a table names no period
        return _row(self.heading)

    def journal(self, journal: PostedJournal) -> str:
        return "".join(_row(self.cells(journal, entry)) for entry in journal.entries)

    def tail(self, period: LedgerPeriod) -> str:  # noqa: ARG002 - a table asserts nothing
        return ""


def _tally_cells(journal: PostedJournal, entry: Entry) -> Sequence[str]:
    debit, credit = _sides(entry)
    return (
        f"{journal.posted_on:%d-%m-%Y}",
        "Journal",
        str(journal.number),
        CHART[entry.account].title,
        debit or credit,
        "Dr" if debit else "Cr",
        _narration(journal),
    )


def _zoho_cells(journal: PostedJournal, entry: Entry) -> Sequence[str]:
    return (
        journal.posted_on.isoformat(),
        journal.reference,
        "SHULK-",
        str(journal.number),
        _narration(journal),
        "both",
        CURRENCY,
        CHART[entry.account].title,
        journal.key.subject,
        "",
        *_sides(entry),
        "published",
    )


def _own_cells(journal: PostedJournal, entry: Entry) -> Sequence[str]:
    return (
        str(journal.number),
        journal.posted_on.isoformat(),
        journal.day.isoformat(),
        journal.key.kind.value,
        journal.key.subject,
        str(journal.key.sequence),
        journal.reference,
        entry.account.value,
        *_sides(entry),
        entry.payment or "",
        entry.settlement or "",
        entry.discrepancy or "",
        "" if journal.reverses is None else str(journal.reverses),
    )


OWN_COLUMNS: Final = (
    *("journal", "business_date", "fact_date", "kind", "subject", "sequence", "reference"),
    *("account", "debit", "credit", "payment", "settlement", "discrepancy", "reverses"),
)
TALLY_COLUMNS: Final = (
    *("Voucher Date", "Voucher Type Name", "Voucher Number", "Ledger Name", "Ledger Amount"),
    *("Ledger Amount Dr/Cr", "Voucher Narration"),
)
ZOHO_COLUMNS: Final = (
    *("Journal Date", "Reference Number", "Journal Number Prefix", "Journal Number Suffix"),
    *("Notes", "Journal Type", "Currency", "Account", "Description", "Contact Name", "Debit"),
    *("Credit", "Status"),
)
TEXTS: Final[Mapping[LedgerFormat, LedgerText]] = {
    LedgerFormat.CSV: Table(OWN_COLUMNS, _own_cells),
    LedgerFormat.TALLY: Table(TALLY_COLUMNS, _tally_cells),
    LedgerFormat.ZOHO: Table(ZOHO_COLUMNS, _zoho_cells),
    LedgerFormat.BEANCOUNT: Beancount(),
    LedgerFormat.HLEDGER: Hledger(),
}


def _narration(journal: PostedJournal) -> str:
    """Return what the journal is about, without characters that mean something in those languages."""
    said = f"{journal.key.kind.replace('_', ' ')} {journal.key.subject}"
    if journal.reference and journal.reference != journal.key.subject:
        said += f" ({journal.reference})"
    return "".join(each if each.isprintable() and each not in ';"|\\' else " " for each in said)


def _entries(journal: PostedJournal) -> Amounts:
    return ((entry.account, entry.amount) for entry in journal.entries)


def _balances(balances: Sequence[AccountBalance]) -> Amounts:
    return ((each.account, each.balance) for each in balances if each.balance)


def _every_balance(balances: Sequence[AccountBalance] | None) -> Amounts:
    if balances is None:
        return ()
    known = {each.account: each.balance for each in balances}
    return ((account, known.get(account, ZERO)) for account in CHART)


def _place(account: Account) -> str:
    """Return the account's name below the root of its kind, ``Assets:Itc-Cgst``."""
    return f"{ROOTS[CHART[account].kind]}:{account.value.replace('_', '-').title()}"


def _sides(entry: Entry) -> tuple[str, str]:
    """Return debit and credit in rupees; one of them is empty."""
    if entry.amount > ZERO:
        return entry.amount.plain(), ""
    return "", (-entry.amount).plain()


def _row(cells: Sequence[str]) -> str:
    line = StringIO()
    # A text that a spreadsheet would take for a formula gets an apostrophe.
    safe = [f"'{each}" if each.startswith(FORMULA_STARTS) else each for each in cells]
    csv.writer(line, lineterminator="\r\n").writerow(safe)
    return line.getvalue()
