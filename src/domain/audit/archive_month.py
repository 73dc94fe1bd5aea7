"""The months by which the audit log is archived: those of India, by when an entry was sealed."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self

from domain.business_day import business_day_of, business_day_start

MONTHS: Final = 12
_WRITTEN: Final = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class ArchiveMonth:
    """
    A month from midnight to midnight in India (IST).

    An entry belongs to the month in which it was sealed, about a minute after it was written: so the entries of a
    month stand side by side in the tree, and end with a checkpoint.
    """

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the month in *written*, such as ``2026-10``, or raise ``ValueError``."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            raise ValueError("a month is written as a year and a month, such as 2026-10")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """Return the month in India that holds *instant*."""
        day = business_day_of(instant)
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> Self:
        number = self._number + 1
        return type(self)(number // MONTHS, number % MONTHS + 1)

    @property
    def end(self) -> datetime:
        """The instant (UTC) at which the month is over in India."""
        return business_day_start(self.next.first_day)

    def is_due(self, at: datetime, *, hot_months: int) -> bool:
        """Whether the month had been over for *hot_months* at *at*."""
        return type(self).of(at)._number - self._number > hot_months  # noqa: SLF001 - another month

    @property
    def _number(self) -> int:
        return self.year * MONTHS + self.month - 1
