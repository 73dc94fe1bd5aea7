"""What time it is, asked through a port so that a run can be replayed."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present instant, aware and in UTC; never earlier than the answer before it."""
        ...
