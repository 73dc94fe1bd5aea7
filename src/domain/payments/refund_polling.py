"""When the bank is asked about a refund: after minutes, then hourly, then daily for a month (protocol page, 8.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.payments.polling_schedule import CHANCES, JITTER_SHARE

SOON: Final = timedelta(minutes=15)
"""While a refund is younger than this it is asked about at the first interval."""

HOURLY_FOR: Final = timedelta(days=1)
LOOKED_AT_FOR: Final = timedelta(days=30)
"""A bank that has not said for so long is not going to say by itself: by then a person has been called for weeks."""


def on_time() -> int:
    """Return the chance by which nothing comes late."""
    return 0


@dataclass(frozen=True, slots=True)
class RefundPollingSchedule:
    """
    *chance* is one of ``CHANCES``: a look comes up to a tenth of its wait late, so that what began
    together does not stay so. *first* is the wait before the first look, and between looks at a young refund.

    It has to be longer than a request to the bank may take: what is looked at by then is nobody
    else's to send any more.
    """

    first: timedelta = timedelta(minutes=3)
    chance: Callable[[], int] = on_time

    def next_poll_at(self, watched_since: datetime, at: datetime) -> datetime | None:
        """Return when to look again at a refund that was looked at *at*, None when there is no use any more."""
        age = at - watched_since
        if age >= LOOKED_AT_FOR:
            return None
        later = timedelta(hours=1) if age < HOURLY_FOR else timedelta(days=1)
        wait = self.first if age < SOON else later
        return at + wait + wait * self.chance() / (JITTER_SHARE * CHANCES)


USUAL: Final = RefundPollingSchedule()
