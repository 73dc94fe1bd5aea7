"""The month of a GST return."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from domain.errors import DomainError

MONTHS: Final = 12

_SHAPE: Final = re.compile(r"([0-9]{4})-([0-9]{2})")


class PeriodInvalid(DomainError):
    """No return is made for such a month; *reason* says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no return period: {reason}")


@dataclass(frozen=True, slots=True, order=True)
class ReturnPeriod:
    """
    A calendar month in India, from May 2025 on, or ``PeriodInvalid``.

    Earlier returns had another table of services (12), and none of documents issued (13). A month is
    one whose last day the calendar of this program can tell.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= MONTHS:
            raise PeriodInvalid("a year has twelve months")
        if (self.year, self.month) < (2025, 5):
            raise PeriodInvalid("returns are made from 2025-05 on")
        if self.year >= date.max.year:
            raise PeriodInvalid("it lies in the future")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the month written as ``2026-11``, or raise ``PeriodInvalid``."""
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise PeriodInvalid("it is a year and a month, as in 2026-11")
        return cls(int(found[1]), int(found[2]))

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def end(self) -> date:
        """The first day of the next month."""
        year, month = divmod(self.year * MONTHS + self.month, MONTHS)
        return date(year, month + 1, 1)

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def compact(self) -> str:
        """As written in the return: ``112026``."""
        return f"{self.month:02d}{self.year:04d}"

    def check_begun(self, today: date) -> None:
        """Return when this month has begun *today* (the date in India), or raise ``PeriodInvalid``."""
        if self.first > today:
            raise PeriodInvalid("it lies in the future")

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.end

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
