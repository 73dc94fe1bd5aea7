"""The business day: everything is stored in UTC, but a day begins at midnight in India."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

IST: Final = timezone(timedelta(hours=5, minutes=30), "IST")  # no daylight saving, so no zone data


def business_day_start(day: date) -> datetime:
    """Return the instant in UTC at which *day* begins in India."""
    return datetime.combine(day, time(), IST).astimezone(UTC)


def business_day_of(instant: datetime) -> date:
    """Return the day it is in India at *instant*, which has to know its zone."""
    return instant.astimezone(IST).date()
