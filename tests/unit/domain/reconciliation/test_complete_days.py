"""Absence proves something up to the last day without a gap."""

from datetime import date

import pytest

from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.complete_days import EVERY_MID, days_without_gap

CALENDAR = BankCalendar(version="test")
THURSDAY, FRIDAY = date(2026, 11, 12), date(2026, 11, 13)
SATURDAY, MONDAY, TUESDAY = date(2026, 11, 14), date(2026, 11, 16), date(2026, 11, 17)
REACHED = {"SIM0001": TUESDAY, "SIM0002": FRIDAY}


@pytest.mark.parametrize(
    ("awaited", "first", "second"),
    [
        ([], TUESDAY, FRIDAY),
        ([("SIM0001", MONDAY)], date(2026, 11, 15), FRIDAY),
        ([("SIM0001", MONDAY), ("SIM0001", FRIDAY)], THURSDAY, FRIDAY),
        ([(EVERY_MID, FRIDAY)], THURSDAY, THURSDAY),
        ([("SIM0001", SATURDAY)], TUESDAY, FRIDAY),
        ([("SIM0002", MONDAY), ("SIM0003", THURSDAY)], TUESDAY, FRIDAY),
    ],
    ids=["none", "one", "the first", "of every MID", "closed day", "behind the last"],
)
def test_the_first_gap_ends_it(awaited: list[tuple[str, date]], first: date, second: date) -> None:
    """
    For its own MID, or for all of them; the bank's closed days and what comes later are no gap.
    """
    assert days_without_gap(REACHED, awaited, CALENDAR) == {"SIM0001": first, "SIM0002": second}
