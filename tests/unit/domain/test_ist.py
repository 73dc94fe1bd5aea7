"""A business day begins at midnight in India."""

from datetime import UTC, date, datetime

from domain.ist import start_of


def test_the_day_begins_at_half_past_six_the_evening_before_in_utc() -> None:
    """
    India keeps UTC+05:30 the whole year.
    """
    assert datetime(2027, 3, 31, 18, 30, tzinfo=UTC) == start_of(date(2027, 4, 1))
    assert start_of(date(2027, 7, 1)).utcoffset() == start_of(date(2027, 1, 1)).utcoffset()
    assert start_of(date(2027, 4, 1)).tzinfo is UTC
