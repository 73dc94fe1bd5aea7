"""Up to which row a table that only grows has been checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

TRANSACTION_MAX: Final = timedelta(minutes=10)
"""The longest that a statement may be allowed to run: by then its rows are visible, or never are."""

FIRST_ROWS: Final = 10_000
"""Rows below the newest that are checked when there is no watermark: some may not be visible yet."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """
    Rows up to the id *mark* were checked for good. Those up to *reached* were checked, too, but a
    transaction with a smaller id may have been under way at *reached_at* (UTC): ids are given out
    before rows are visible.
    """

    mark: int
    reached: int
    reached_at: datetime

    @classmethod
    def first(cls, newest: int, at: datetime) -> Self:
        return cls(max(0, newest - FIRST_ROWS), newest, at)

    def advanced(self, newest: int, at: datetime) -> Self:
        """Return the watermark after a check *at* that read all rows above *mark*, up to *newest*."""
        if at - self.reached_at < TRANSACTION_MAX:
            return self
        return type(self)(self.reached, max(newest, self.reached), at)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["mark"], stored["reached"], datetime.fromisoformat(stored["reached_at"]))

    def stored(self) -> dict[str, object]:
        return {
            "mark": self.mark,
            "reached": self.reached,
            "reached_at": self.reached_at.isoformat(),
        }
