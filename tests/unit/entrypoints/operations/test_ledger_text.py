"""The ledger as text: whole journals, exact amounts, and the balances that other programs check."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import StringIO

import pytest

from domain.identifiers import PaymentId
from domain.ledger.account import CHART, Account
from domain.ledger.journal import Entry, JournalKey, JournalKind
from domain.money import Money
from entrypoints.operations.ledger_text import (
    TALLY_COLUMNS,
    TEXTS,
    ZOHO_COLUMNS,
    LedgerFormat,
    LedgerPeriod,
)
from ports.ledger.ledger_queries import AccountBalance, PostedJournal

DAY = date(2026, 11, 26)
CAPTURE = PostedJournal(
    number=7,
    key=JournalKey(JournalKind.CAPTURE, "SKA"),
    day=date(2026, 11, 25),
    posted_on=DAY,
    posted_at=datetime(2026, 11, 26, tzinfo=UTC),
    reference='=cmd";|TXN\n1',
    reverses=None,
    entries=(
        Entry(Account.CLEARING, Money(1180_05), PaymentId("SKA")),
        Entry(Account.RECEIVABLE, Money(-1180_05), PaymentId("SKA")),
    ),
)
BALANCES = [
    AccountBalance(Account.CLEARING, Money(1180_05), Money(0)),
    AccountBalance(Account.RECEIVABLE, Money(0), Money(1180_05)),
]
ALL = LedgerPeriod(first=DAY, last=DAY, closing=BALANCES)
SAID = "capture SKA (=cmd   TXN 1)"


def text_of(form: LedgerFormat, period: LedgerPeriod = ALL) -> str:
    text = TEXTS[form]
    return text.head(period) + text.journal(CAPTURE) + text.tail(period)


def rows_of(form: LedgerFormat) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(StringIO(text_of(form), newline="")))


def test_beancount_asserts_every_balance() -> None:
    """
    Accounts are opened, the journal names the day of its fact, and the end is the trial balance.
    """
    text = text_of(LedgerFormat.BEANCOUNT)

    assert f'2026-11-26 * "{SAID}"' in text
    assert "  fact-date: 2026-11-25\n" in text
    assert "  Assets:Clearing  1180.05 INR\n  Assets:Receivable  -1180.05 INR\n" in text
    assert text.count(" open ") == text.count(" balance ") == len(CHART)
    assert "2026-11-27 balance Assets:Clearing 1180.05 ~ 0.00 INR\n" in text
    assert "2026-11-27 balance Expenses:Cb-Fee 0.00 ~ 0.00 INR\n" in text


def test_hledger_asserts_every_balance() -> None:
    """
    The same in its own language.
    """
    text = text_of(LedgerFormat.HLEDGER)

    assert f"2026-11-26 * (7) {SAID}\n    ; fact-date: 2026-11-25\n" in text
    assert "    Assets:Clearing  INR 1180.05\n    Assets:Receivable  INR -1180.05\n" in text
    assert "    Assets:Receivable  INR 0.00 = INR -1180.05\n" in text


@pytest.mark.parametrize("form", [LedgerFormat.BEANCOUNT, LedgerFormat.HLEDGER])
def test_a_period_begins_with_its_opening_balances(form: LedgerFormat) -> None:
    """
    Those of the day before; where journals are chosen, nothing is asserted.
    """
    later = LedgerPeriod(first=DAY, last=DAY, opening=BALANCES, closing=BALANCES)

    assert "2026-11-25 * " in text_of(form, later)
    assert "closing balances" not in text_of(form, LedgerPeriod(first=DAY, last=DAY))
    assert " balance " not in text_of(form, LedgerPeriod(first=DAY, last=DAY))


def test_tally_has_one_line_for_each_side() -> None:
    """
    Unsigned amounts with Dr or Cr, under one voucher number, and the ledger names of the chart.
    """
    debit, credit = rows_of(LedgerFormat.TALLY)

    assert tuple(debit) == TALLY_COLUMNS
    assert [*debit.values()] == [
        "26-11-2026",
        "Journal",
        "7",
        "Gateway Clearing",
        "1180.05",
        "Dr",
        SAID,
    ]
    assert (credit["Ledger Amount"], credit["Ledger Amount Dr/Cr"]) == ("1180.05", "Cr")


def test_zoho_has_debits_beside_credits() -> None:
    """
    One journal number for both lines; a text that would be a formula is none.
    """
    debit, credit = rows_of(LedgerFormat.ZOHO)

    assert tuple(debit) == ZOHO_COLUMNS
    assert (debit["Journal Date"], debit["Journal Number Suffix"]) == ("2026-11-26", "7")
    assert (debit["Debit"], debit["Credit"]) == ("1180.05", "")
    assert (credit["Debit"], credit["Credit"]) == ("", "1180.05")
    assert debit["Reference Number"].startswith("'=cmd")
    assert credit["Account"] == "Course Fees Receivable"


def test_our_own_table_has_every_id() -> None:
    """
    Both days, the key, and the payment of each entry.
    """
    debit, _ = rows_of(LedgerFormat.CSV)

    assert (debit["business_date"], debit["fact_date"]) == ("2026-11-26", "2026-11-25")
    assert (debit["kind"], debit["subject"], debit["payment"]) == ("capture", "SKA", "SKA")
    assert (debit["account"], debit["debit"], debit["credit"]) == ("clearing", "1180.05", "")
