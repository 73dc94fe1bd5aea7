"""When an alert of an open dispute is due."""

from datetime import datetime, timedelta
from typing import Final

import pytest

from domain.payments.dispute_alert import ALERT_INTERVAL, DisputeAlert, alert_due
from fakes.clock import NOON

HOUR: Final = timedelta(hours=1)
BEFORE: Final = 48 * HOUR
A_MOMENT: Final = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("left", "alerted_at", "why"),
    [
        (500 * HOUR, None, DisputeAlert.OPENED),
        (HOUR, None, DisputeAlert.OPENED),
        (-HOUR, None, DisputeAlert.OPENED),
        (500 * HOUR, NOON - 100 * ALERT_INTERVAL, None),
        (BEFORE + A_MOMENT, NOON - 100 * ALERT_INTERVAL, None),
        (BEFORE, NOON - ALERT_INTERVAL, DisputeAlert.DEADLINE),
        (BEFORE, NOON - ALERT_INTERVAL + A_MOMENT, None),
        (HOUR, NOON - ALERT_INTERVAL, DisputeAlert.DEADLINE),
        (-500 * HOUR, NOON - ALERT_INTERVAL, DisputeAlert.DEADLINE),
        (-500 * HOUR, NOON, None),
    ],
)
def test_it_is_due_at_once_and_daily_near_the_deadline(
    left: timedelta, alerted_at: datetime | None, why: DisputeAlert | None
) -> None:
    """
    Also after the deadline, as long as the bank has not decided; never twice in a day.
    """
    due = alert_due(respond_by=NOON + left, alerted_at=alerted_at, at=NOON, before=BEFORE)

    assert due is why
