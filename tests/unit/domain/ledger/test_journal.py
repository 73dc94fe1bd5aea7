"""A journal that does not balance cannot be made, and a closed period takes none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.account import CHART, NORMAL_SIDES, Account, AccountKind, Side
from domain.ledger.journal import (
    ID_MAX,
    REFERENCE_MAX,
    SUBJECT_MAX,
    Entry,
    Journal,
    JournalKey,
    JournalKind,
    posted_on,
    reversal_of,
    total,
)
from domain.money import ZERO, Money

DAY = date(2026, 11, 26)
KEY = JournalKey(JournalKind.CAPTURE, "SKA")
AMOUNTS = st.integers(-10_00_000, 10_00_000).filter(bool).map(Money)


def test_the_chart_has_every_account() -> None:
    """
    Each with its kind and a meaning, and its normal side follows from the kind.
    """
    assert set(CHART) == set(Account)
    assert set(NORMAL_SIDES) == set(AccountKind)
    assert all(each.means.endswith(".") and each.title for each in CHART.values())
    assert len({each.title for each in CHART.values()}) == len(CHART)
    assert CHART[Account.BANK].normal_side is Side.DEBIT
    assert CHART[Account.UNAPPLIED].normal_side is Side.CREDIT
    assert CHART[Account.SUSPENSE].normal_side is None


@given(st.lists(st.tuples(st.sampled_from(Account), AMOUNTS), max_size=6))
def test_only_what_balances_is_a_journal(lines: list[tuple[Account, Money]]) -> None:
    """
    Fewer than two entries, or a sum that is not zero, is refused.
    """
    entries = tuple(Entry(account, amount) for account, amount in lines)
    if len(entries) >= 2 and total(entries) == ZERO:
        assert Journal(key=KEY, day=DAY, entries=entries).entries == entries
        return
    with pytest.raises(ValueError, match="journal"):
        Journal(key=KEY, day=DAY, entries=entries)


@given(st.lists(st.tuples(st.sampled_from(Account), AMOUNTS), min_size=1, max_size=6))
def test_a_mirror_takes_every_entry_back(lines: list[tuple[Account, Money]]) -> None:
    """
    Account by account the two sum to zero, and the mirror names what it reverses.
    """
    entries = [Entry(account, amount) for account, amount in lines]
    rest = Entry(Account.SUSPENSE, -total(entries)) if total(entries) else None
    journal = Journal.of(KEY, DAY, (*entries, rest))
    if journal is None or len(journal.entries) < 2:
        return

    mirror = journal.mirrored(DAY)

    assert mirror.reverses == KEY
    assert mirror.key == reversal_of(KEY)
    assert [
        (a.account, a.amount + b.amount)
        for a, b in zip(journal.entries, mirror.entries, strict=True)
    ] == [(each.account, ZERO) for each in journal.entries]


@pytest.mark.parametrize(
    "amounts", [(), (100,), (100, -99)], ids=["no entry", "one entry", "a paisa over"]
)
def test_what_does_not_balance_is_refused(amounts: tuple[int, ...]) -> None:
    """
    Two entries at least, and to the paisa.
    """
    entries = tuple(Entry(Account.BANK, Money(amount)) for amount in amounts)

    with pytest.raises(ValueError, match="journal"):
        Journal(key=KEY, day=DAY, entries=entries)


def test_an_entry_of_nothing_is_none() -> None:
    """
    A line without an amount says nothing.
    """
    with pytest.raises(ValueError, match="nothing"):
        Entry(Account.BANK, ZERO)


def test_a_text_that_no_row_holds_is_refused() -> None:
    """
    Keys, references and ids have the lengths of their columns.
    """
    pair = (Entry(Account.BANK, Money(1)), Entry(Account.MDR, Money(-1)))
    for key in ("", "S" * (SUBJECT_MAX + 1)):
        with pytest.raises(ValueError, match="key"):
            JournalKey(JournalKind.MATCH, key)
    with pytest.raises(ValueError, match="key"):
        JournalKey(JournalKind.MATCH, "S", 0)
    with pytest.raises(ValueError, match="reference"):
        Journal(key=KEY, day=DAY, entries=pair, reference="R" * (REFERENCE_MAX + 1))
    with pytest.raises(ValueError, match="id"):
        Entry(Account.BANK, Money(1), settlement="S" * (ID_MAX + 1))
    with pytest.raises(ValueError, match="id"):
        Entry(Account.BANK, Money(1), discrepancy="S" * (ID_MAX + 1))


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        (None, DAY),
        (date(2026, 11, 25), DAY),
        (DAY, date(2026, 11, 27)),
        (date(2026, 11, 30), date(2026, 12, 1)),
    ],
)
def test_a_late_fact_is_posted_on_the_first_open_day(closed: date | None, expected: date) -> None:
    """
    Its own day while that is open, the day after the closed ones otherwise.
    """
    assert posted_on(DAY, closed) == expected
