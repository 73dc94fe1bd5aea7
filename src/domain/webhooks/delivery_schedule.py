"""When a delivery that failed is tried again: ten attempts over three days, each moved a little by chance."""

from datetime import datetime, timedelta
from typing import Final

from domain.payments.polling_schedule import JITTER_STEPS

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failed attempt; about 76 hours in all (standardwebhooks.com, specification, "Deliverability")."""

JITTER_SHARE: Final = 5
"""One part in so many of a delay is added or taken by chance: what failed together does not come again together."""


def next_attempt_at(attempts: int, at: datetime, jitter: int) -> datetime | None:
    """
    Return when to try again after *attempts* failures, the last of them *at*; None after the last attempt.

    *jitter* is described at ``JITTER_STEPS``; half of that moves nothing.
    """
    if attempts > len(DELAYS):
        return None
    delay = DELAYS[attempts - 1]
    moved = delay * (2 * jitter - JITTER_STEPS) // (JITTER_SHARE * JITTER_STEPS)
    return at + delay + moved
