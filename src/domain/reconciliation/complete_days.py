"""Up to which settlement day the files of a MID are there without a gap, so that absence proves something."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final

from domain.reconciliation.bank_calendar import BankCalendar

EVERY_MID: Final = "*"
"""Stands for every MID where a source of files is asked without one."""

_ONE_DAY: Final = timedelta(days=1)


def days_without_gap(
    reached: Mapping[str, date],
    awaited: Collection[tuple[str, date]],
    calendar: BankCalendar,
) -> dict[str, date]:
    """
    Return, for each MID, the last day before the first file that is still *awaited* (MID and day).

    *reached* are the latest days of which a file is there. On closed days of the bank none is awaited.
    """
    found = {}
    for mid, until in reached.items():
        gaps = [
            day
            for of, day in awaited
            if of in {mid, EVERY_MID} and day <= until and calendar.is_working_day(day)
        ]
        found[mid] = min(gaps) - _ONE_DAY if gaps else until
    return found
