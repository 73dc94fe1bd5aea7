"""A return is for a month of India's calendar."""

from datetime import date, timedelta

import pytest

from domain.gst_returns.return_period import PeriodInvalid, ReturnPeriod


def test_a_period_is_written_as_a_month() -> None:
    """
    As people write it, and as the portal does.
    """
    november = ReturnPeriod.parse("2026-11")

    assert november == ReturnPeriod(2026, 11)
    assert str(november) == "2026-11"
    assert november.compact == "112026"
    assert (november.first, november.last, november.end) == (
        date(2026, 11, 1),
        date(2026, 11, 30),
        date(2026, 12, 1),
    )


def test_december_ends_with_the_year() -> None:
    """
    The month after it is January.
    """
    december = ReturnPeriod(2026, 12)

    assert december.end == date(2027, 1, 1)
    assert december.last == date(2026, 12, 31)
    assert date(2026, 12, 31) in december
    assert date(2027, 1, 1) not in december
    assert december.first - timedelta(days=1) not in december


@pytest.mark.parametrize(
    "text",
    [
        "2026-13",
        "2026-00",
        "2025-04",
        "1999-12",
        "2026-1",
        "26-11",
        "2026/11",
        "",
        "2026-११",
        "9999-12",
        "9999-01",
    ],
)
def test_what_is_no_month_of_ours_is_refused(text: str) -> None:
    """
    Nor one before the return had its present tables.
    """
    with pytest.raises(PeriodInvalid):
        ReturnPeriod.parse(text)


def test_a_month_has_a_return_from_its_first_day_on() -> None:
    """
    By the calendar of India; nothing can have been sold in a later one.
    """
    november = ReturnPeriod(2026, 11)

    november.check_begun(date(2026, 11, 1))
    november.check_begun(date(2027, 1, 1))
    with pytest.raises(PeriodInvalid):
        november.check_begun(date(2026, 10, 31))
    assert ReturnPeriod(9998, 12).last == date(9998, 12, 31)


def test_the_first_month_there_is() -> None:
    """
    May 2025.
    """
    assert ReturnPeriod.parse("2025-05").first == date(2025, 5, 1)
