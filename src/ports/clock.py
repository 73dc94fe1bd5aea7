"""The current time; it is a port so that tests can set it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """
        Return the current instant, aware and in UTC; never earlier than the one returned before.

        But once a jump of the machine's clock was taken back, instants follow that were returned before it.
        """
        ...
