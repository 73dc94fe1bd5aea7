"""The clock of this machine, made monotonic within one process."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

NEAR: Final = timedelta(minutes=1)
"""What NTP turns a clock by gradually, and more; a difference above it is a jump."""


def _time_of_the_machine() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """
    Returns the last answer again while the machine's clock is behind it.

    But a jump ahead that was taken back is forgotten: when the last answer is far from what has gone by since the
    start, and the machine is near it again. Otherwise the process would be ahead, and stand still, for as long as the
    jump was wide.
    """

    def __init__(
        self,
        read: Callable[[], datetime] = _time_of_the_machine,
        seconds_gone: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._seconds_gone = seconds_gone
        self._lock = Lock()
        self._last = datetime.min.replace(tzinfo=UTC)
        self._zero = read() - timedelta(seconds=seconds_gone())

    def now(self) -> datetime:
        with self._lock:
            read = self._read()
            if read >= self._last or self._has_jumped_back(read):
                self._last = read
            return self._last

    def _has_jumped_back(self, read: datetime) -> bool:
        expected = self._zero + timedelta(seconds=self._seconds_gone())
        return self._last - expected > NEAR >= abs(read - expected)
