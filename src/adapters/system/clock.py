"""The time of this machine, which may be set back by its keeper but never by us."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock


def _time_of_the_machine() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """Holds still while the machine's clock is behind an answer already given."""

    def __init__(self, read: Callable[[], datetime] = _time_of_the_machine) -> None:
        self._read = read
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            self._last = max(self._last, self._read())
            return self._last
