"""A business day begins at midnight in India."""

from datetime import UTC, date, datetime

from domain.business_day import business_day_of, business_day_start


def test_the_day_begins_at_half_past_six_the_evening_before_in_utc() -> None:
    """
    India keeps UTC+05:30 the whole year.
    """
    assert datetime(2027, 3, 31, 18, 30, tzinfo=UTC) == business_day_start(date(2027, 4, 1))
    assert (
        business_day_start(date(2027, 7, 1)).utcoffset()
        == business_day_start(date(2027, 1, 1)).utcoffset()
    )
    assert business_day_start(date(2027, 4, 1)).tzinfo is UTC


def test_an_instant_lies_in_the_day_that_india_has() -> None:
    """
    Half past six in the evening in UTC is the first moment of tomorrow.
    """
    assert business_day_of(datetime(2027, 3, 31, 18, 29, 59, tzinfo=UTC)) == date(2027, 3, 31)
    assert business_day_of(datetime(2027, 3, 31, 18, 30, tzinfo=UTC)) == date(2027, 4, 1)
