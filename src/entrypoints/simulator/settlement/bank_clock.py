"""The simulated bank's time, which the control API turns by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class BankClock:
    """Tells the time of *source* until it is set; from then on it goes on, or stands still when it is frozen."""

    source: Callable[[], datetime]
    _ahead: timedelta = timedelta()
    _frozen_at: datetime | None = None

    def __call__(self) -> datetime:
        """Return the bank's present instant (UTC)."""
        if self._frozen_at is not None:
            return self._frozen_at
        return self.source() + self._ahead

    @property
    def is_turned(self) -> bool:
        return self._frozen_at is not None or bool(self._ahead)

    @property
    def is_frozen(self) -> bool:
        return self._frozen_at is not None

    def turn(self, now: datetime, *, frozen: bool = False) -> None:
        """Make it *now*, forward or back."""
        self._ahead = now - self.source()
        self._frozen_at = now if frozen else None

    def release(self) -> None:
        """Tell the time of the source again."""
        self._ahead, self._frozen_at = timedelta(), None
