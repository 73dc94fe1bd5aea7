"""When staff are alerted of an open dispute: at once, and daily when its deadline is near."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ALERT_INTERVAL: Final = timedelta(days=1)
"""Staff are alerted of one dispute at most this often."""


class DisputeAlert(StrEnum):
    """Why staff are alerted of a dispute."""

    OPENED = "opened"
    """Nobody has been alerted of it yet."""

    DEADLINE = "deadline"
    """The deadline for evidence is near or over, and the bank has not decided."""


def alert_due(
    *, respond_by: datetime, alerted_at: datetime | None, at: datetime, before: timedelta
) -> DisputeAlert | None:
    """
    Return why an alert of an open dispute is due at the instant *at* (UTC), None when it is not.

    *before* is how long before its deadline *respond_by* it is named again, daily until it ends.
    """
    if alerted_at is None:
        return DisputeAlert.OPENED
    is_near = respond_by - at <= before
    return DisputeAlert.DEADLINE if is_near and at - alerted_at >= ALERT_INTERVAL else None
