"""The bank's timestamps are instants, or they are nothing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.timestamps import instant, iso_8601
from samples.hdfc.samples import UNHURRIED

HALF_PAST = datetime(2026, 8, 3, 9, 31, 42, tzinfo=UTC)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(
    datetime(2016, 1, 1),  # noqa: DTZ001 - the zone is drawn beside it
    datetime(2098, 1, 1),  # noqa: DTZ001
    timezones=offsets,
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-08-03T09:31:42Z",
        "2026-08-03t09:31:42z",
        "2026-08-03 09:31:42Z",
        "2026-08-03T09:31:42.000Z",
        "2026-08-03T09:31:42,000000000Z",
        "2026-08-03T15:01:42+05:30",
        "2026-08-03T15:01:42+0530",
        "2026-08-03T01:31:42-08",
        "20260803T093142Z",
        "20260803T150142.000+0530",
    ],
)
def test_both_forms_of_iso_8601_are_read(text: str) -> None:
    """
    One instant, however it is written and from whichever zone.
    """
    assert instant(text) == HALF_PAST


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "NA",
        "2026-08-03",
        "2026-08-03T09:31:42",
        "2026-08-03X09:31:42Z",
        "2026-08-03T09:31:42 Z",
        "2026-08-03T09:31:42Z ",
        "2026-08-03T0931Z",
        "20260803T09:31Z",
        "2026-W32-1T09:31:42Z",
        "2026-13-03T09:31:42Z",
        "2026-02-29T09:31:42Z",
        "2026-08-03T25:31:42Z",
        "2026-08-03T09:31:60Z",
        "2026-08-03T09:31:42.Z",
        "2026-08-03T09:31:42+24:00",
        "२०२६-08-03T09:31:42Z",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        "1754213502",
    ],
)
def test_what_could_be_another_time_is_none(text: object) -> None:
    """
    No zone, no such day, no such form, no believable year.
    """
    assert instant(text) is None


@UNHURRIED
@given(moments)
def test_an_instant_is_written_and_read_again(moment: datetime) -> None:
    """
    Format, parse, format: nothing is lost down to the microsecond.
    """
    text = iso_8601(moment)

    assert moment == instant(text)
    assert text == iso_8601(instant(text) or HALF_PAST)
    assert moment == instant(moment.isoformat())


@UNHURRIED
@given(st.text(max_size=40) | st.from_regex(r"[0-9TZ:.+-]{1,30}"))
def test_any_text_is_an_instant_or_none(text: str) -> None:
    """
    Nothing is raised, and what is found is in UTC.
    """
    found = instant(text)

    assert found is None or found.tzinfo is UTC
