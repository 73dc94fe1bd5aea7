"""The simulated bank's own working days: India's Sundays, second and fourth Saturdays, and its holidays."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

IST: Final = timezone(timedelta(hours=5, minutes=30), "IST")
SATURDAY: Final = 5
SUNDAY: Final = 6
CLOSED_SATURDAYS: Final = frozenset({2, 4})
DAYS_OF_WEEK: Final = 7
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DAY_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class BankCalendar:
    """Which days (IST) the bank works on; *holidays* are days on which it does not."""

    holidays: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        if day in self.holidays or day.weekday() == SUNDAY:
            return False
        which = (day.day - 1) // DAYS_OF_WEEK + 1
        return day.weekday() != SATURDAY or which not in CLOSED_SATURDAYS

    def after(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days after *day*; with zero the first one from *day* on."""
        found = day
        while not working_days and not self.is_working_day(found):
            found += timedelta(days=1)
        for _ in range(working_days):
            found += timedelta(days=1)
            while not self.is_working_day(found):
                found += timedelta(days=1)
        return found

    def working_days(self, first: date, last: date) -> Iterator[date]:
        """Yield the working days from *first* to *last*, both included."""
        day = first
        while day <= last:
            if self.is_working_day(day):
                yield day
            day += timedelta(days=1)


def read_holidays(text: str) -> frozenset[date]:
    """
    Return the days of a file of holidays, or raise ``ValueError`` with the number of the wrong line.

    Each line begins with a day, ``2026-11-24``; what follows after a comma or blank is its name. Blank lines, and
    lines that begin with ``#``, are left out.
    """
    days = set()
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        day, rest = written[:DAY_LENGTH], written[DAY_LENGTH:]
        if not DAY.fullmatch(day) or (rest and rest[0] not in ", \t;"):
            raise ValueError(f"line {number}: begin it with a day such as 2026-11-24")
        try:
            days.add(date.fromisoformat(day))
        except ValueError:
            raise ValueError(f"line {number}: there is no such day") from None
    return frozenset(days)


def ist_day(moment: datetime) -> date:
    return moment.astimezone(IST).date()


def ist_instant(day: date, at: time) -> datetime:
    """Return the instant (UTC) at which it is *at* in India on *day*."""
    return datetime.combine(day, at, IST).astimezone(UTC)
