"""A statement follows row by row, joins the one before, and is of one account."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from domain.money import ZERO, Money
from domain.settlements.bank_statement import (
    BankEntry,
    BankStatement,
    entry_key,
    same_account,
    totals_of,
)

PAID_IN: Final = BankEntry(
    entry_no=1,
    booked_on=date(2026, 11, 13),
    value_on=date(2026, 11, 13),
    amount=Money(500),
    narration="UPI SETTLEMENT",
    reference=None,
    balance=Money(1500),
)
PAID_OUT: Final = replace(PAID_IN, entry_no=2, amount=Money(-200), balance=Money(1300))
STATEMENT: Final = BankStatement(
    account="SIMB/123", opening=Money(1000), closing=Money(1300), entries=(PAID_IN, PAID_OUT)
)


def test_opening_and_entries_make_the_closing_balance() -> None:
    """
    Row by row.
    """
    assert STATEMENT.balances_follow
    assert totals_of(STATEMENT.entries) == (Money(200), Money(500))


@pytest.mark.parametrize(
    ("broken", "places"),
    [
        (replace(STATEMENT, opening=Money(999)), [1]),
        (replace(STATEMENT, closing=Money(1301)), [3]),
        (replace(STATEMENT, entries=(PAID_OUT,)), [2]),
        (replace(STATEMENT, entries=(PAID_IN, replace(PAID_OUT, amount=Money(-201)))), [2]),
        (replace(STATEMENT, entries=()), [1]),
    ],
)
def test_where_it_does_not_follow_is_told(broken: BankStatement, places: list[int]) -> None:
    """
    A missing, changed or added row shows at its place.
    """
    assert list(broken.breaks()) == places
    assert not broken.balances_follow


def test_a_statement_joins_the_one_before() -> None:
    """
    Of the same account, and with its closing balance.
    """
    following = replace(STATEMENT, opening=Money(1300), closing=Money(1300), entries=())

    assert following.joins(STATEMENT)
    assert not following.joins(replace(STATEMENT, closing=ZERO))
    assert not following.joins(replace(STATEMENT, account="SIMB/124"))


def test_equal_movements_are_told_apart_by_the_balance() -> None:
    """
    Two equal payouts of one day are two entries; the same row read again is the same.
    """
    again = replace(PAID_IN, entry_no=9, balance_told=False)

    assert entry_key("1", PAID_IN) == entry_key("1", again)
    assert len(
        {
            entry_key("1", PAID_IN),
            entry_key("2", PAID_IN),
            entry_key("1", replace(PAID_IN, balance=Money(2000))),
            entry_key("1", replace(PAID_IN, occurrence=2)),
            entry_key("1", replace(PAID_IN, reference="R")),
        }
    ) == len(["account", "balance", "occurrence", "reference", "itself"])


@pytest.mark.parametrize(
    ("told", "ours", "same"),
    [
        ("HDFCINBB/50200000000001", "50200000000001", True),
        ("50200000000001", "5020 0000 0000 01", True),
        ("50200000000001", "50200000000002", False),
        ("0050200000000001", "50200000000001", False),
    ],
)
def test_an_account_is_known_by_its_number(told: str, ours: str, same: bool) -> None:  # noqa: FBT001 - a case
    """
    The bank's code before it does not count, zeros do.
    """
    assert same_account(told, ours) == same
