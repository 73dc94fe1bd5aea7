"""The working days of the bank: which days it settles on, and when what is due becomes overdue."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from domain.business_day import business_day_of, business_day_start

SATURDAY: Final = 5
SUNDAY: Final = 6
CLOSED_SATURDAYS: Final = frozenset({2, 4})
"""Banks in India are closed on the second and the fourth Saturday of a month."""

DAYS_A_WEEK: Final = 7
CLOSED_DAYS_MAX: Final = 31
"""More closed days in a row than any calendar has: a longer row is a wrong table of holidays."""


class HolidaysImplausible(ValueError):
    """The table of holidays closes the bank for more than a month in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankCalendar:
    """The days on which a branch settles; *version* names its table of *holidays* in each result."""

    version: str
    holidays: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether the bank settles on *day*: no Sunday, closed Saturday or holiday of its table."""
        if day.weekday() == SUNDAY or day in self.holidays:
            return False
        return day.weekday() != SATURDAY or _week_of_month(day) not in CLOSED_SATURDAYS

    def first_working_day(self, day: date) -> date:
        """Return *day*, or the next working day when the bank is closed on it."""
        for later in range(CLOSED_DAYS_MAX + 1):
            if self.is_working_day(found := day + timedelta(days=later)):
                return found
        raise HolidaysImplausible(f"no working day within {CLOSED_DAYS_MAX} days of {day}")

    def add_working_days(self, day: date, working_days: int) -> date:
        """Return the working day that many working days after *day*, which may be a closed day."""
        if working_days == 0:
            return self.first_working_day(day)
        for _ in range(working_days):
            day = self.first_working_day(day + timedelta(days=1))
        return day

    def add_working_time(self, since: datetime, span: timedelta) -> datetime:
        """Return the instant at which *span* has passed, where closed days (IST) do not count."""
        day = self.first_working_day(business_day_of(since))
        begun = max(since, business_day_start(day))
        while (left := business_day_start(day + timedelta(days=1)) - begun) < span:
            span -= left
            day = self.add_working_days(day, 1)
            begun = business_day_start(day)
        return begun + span


def _week_of_month(day: date) -> int:
    return (day.day - 1) // DAYS_A_WEEK + 1
