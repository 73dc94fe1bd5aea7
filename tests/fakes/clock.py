"""A clock that stands until a test moves it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

NOON: Final = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class StoppedClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        if by < timedelta():
            raise ValueError("time does not run backwards")
        self.at += by
