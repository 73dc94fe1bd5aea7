"""The business day: instants are stored in UTC, and a day begins at midnight in India (IST)."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

IST: Final = timezone(timedelta(hours=5, minutes=30), "IST")  # no daylight saving, so no zone data


def business_day_start(day: date) -> datetime:
    """Return the instant in UTC at which *day* begins in India."""
    return datetime.combine(day, time(), IST).astimezone(UTC)


def business_day_of(instant: datetime) -> date:
    """Return the day in India at *instant*, which has a time zone."""
    return instant.astimezone(IST).date()
