"""The clock of this machine, made monotonic within one process."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock


def _time_of_the_machine() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """Returns the last answer again while the machine's clock is behind it."""

    def __init__(self, read: Callable[[], datetime] = _time_of_the_machine) -> None:
        self._read = read
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            self._last = max(self._last, self._read())
            return self._last
