"""A date is read by one pattern for its whole column, day first."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.settlements.date_text import (
    ColumnDatePattern,
    DatePattern,
    DatePatternInvalid,
    day_of,
    instant_of,
)

BANK = "dd-MMM-yyyy[ HH:mm[:ss]]"
DASHES = "dd-MM-yyyy[ HH:mm[:ss[.f]]]"
SLASHES = "dd/MM/yyyy[ HH:mm[:ss]]"
SHORT = "dd/MM/yy"
ISO = "yyyy-MM-dd[[T][ ]HH:mm[:ss[.f]][ ][zone]]"


@pytest.mark.parametrize(
    ("pattern", "text", "instant"),
    [
        (BANK, "12-NOV-2026 10:15:00", "2026-11-12T04:45:00"),
        (BANK, "12-Nov-2026", "2026-11-11T18:30:00"),
        (DASHES, "12-11-2026 10:15", "2026-11-12T04:45:00"),
        (DASHES, "12-11-2026 0:4:55.631247", "2026-11-11T18:34:55.631247"),
        (DASHES, "12-11-2026 0:4:55.6312479999", "2026-11-11T18:34:55.631247"),
        (DASHES, "7-6-2026", "2026-06-06T18:30:00"),
        (SLASHES, "12/11/2026 23:59:59", "2026-11-12T18:29:59"),
        (SHORT, "12/11/26", "2026-11-11T18:30:00"),
        (ISO, "2026-11-12T10:15:00+05:30", "2026-11-12T04:45:00"),
        (ISO, "2026-11-12 10:15:00.5 +0000", "2026-11-12T10:15:00.5"),
        (ISO, "2026-11-12 10:15:00 -02:30", "2026-11-12T12:45:00"),
        (ISO, "2026-11-12T10:15:00Z", "2026-11-12T10:15:00"),
        (ISO, "2026-11-12 10:15", "2026-11-12T04:45:00"),
        (ISO, " '2026-11-12 ", "2026-11-11T18:30:00"),
        ("epoch", "1794458700", "2026-11-12T04:45:00"),
    ],
)
def test_a_date_is_an_instant_in_utc(pattern: str, text: str, instant: str) -> None:
    """
    Without a zone it is Indian time.
    """
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    assert instant_of(DatePattern.of(pattern), text) == expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (BANK, "12-11-2026"),
        (BANK, "12-XYZ-2026"),
        (DASHES, "11-13-2026"),
        (DASHES, "31-11-2026"),
        (DASHES, "12-11-1999"),
        (DASHES, "12-11-2100"),
        (DASHES, "12-11-2026 24:00"),
        (DASHES, "12-11-2026 10:15 PM"),
        (DASHES, "١٢-11-2026"),
        (DASHES, ""),
        (DASHES, "12-11-2026" + " " * 40),
        (DASHES, "0-11-2026"),
        (ISO, "2026-11-12 10:15:00 +25:00"),
        (SHORT, "12/11/2026"),
        ("epoch", "999"),
        ("epoch", "9999999999"),
        ("yyyy", "2026"),
        ("dd", "12"),
    ],
)
def test_what_the_pattern_does_not_read_is_no_date(pattern: str, text: str) -> None:
    """
    Neither impossible days nor other ways of writing.
    """
    assert instant_of(DatePattern.of(pattern), text) is None
    assert day_of(DatePattern.of(pattern), text) is None


def test_a_day_is_the_day_in_india() -> None:
    """
    Shortly before midnight in London it is the next day in India.
    """
    assert day_of(DatePattern.of(ISO), "2026-11-12T22:15:00Z") == date(2026, 11, 13)


def chosen(*cells: str) -> str | None:
    """Return the pattern of a column of *cells*."""
    column = ColumnDatePattern.among([DASHES, "MM-dd-yyyy", SLASHES])
    for cell in cells:
        column.try_on(cell)
    return None if column.chosen is None else column.chosen.text


def test_one_pattern_reads_the_whole_column() -> None:
    """
    The first that reads every cell, however late the cell comes that decides.
    """
    assert chosen("07-06-2026", "08-06-2026") == DASHES
    assert chosen("07-06-2026", "07-06-2026", "06-13-2026") == "MM-dd-yyyy"
    assert chosen() == DASHES
    assert ColumnDatePattern.among([]).chosen is None


def test_a_cell_that_nothing_reads_does_not_decide() -> None:
    """
    It is rejected by itself; cells that no pattern shares leave the one of the earlier cells.
    """
    assert chosen("soon", "06-13-2026") == "MM-dd-yyyy"
    assert chosen("13-06-2026", "06-13-2026") == DASHES


def test_a_column_is_settled_when_nothing_can_change_it() -> None:
    """
    A cell that several patterns read leaves it open, and so does one that none reads.
    """
    column = ColumnDatePattern.among([DASHES, "MM-dd-yyyy", SLASHES])
    for cell, settled in (("07-06-2026", False), ("soon", False), ("13-06-2026", True)):
        column.try_on(cell)
        assert column.is_settled is settled
    assert ColumnDatePattern.among([ISO]).is_settled
    assert ColumnDatePattern.among([]).is_settled


def test_a_long_column_is_tried_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Also beyond the cells that are remembered.
    """
    monkeypatch.setattr("domain.settlements.date_text.TRIED_MAX", 1)

    assert chosen("07-06-2026", "08-06-2026", "08-06-2026", "06-13-2026") == "MM-dd-yyyy"


@pytest.mark.parametrize("text", ["dd%MM", "dd-dd-yyyy", "[dd", "dd]", "yyyy-MM-dd[", "Q"])
def test_a_pattern_that_is_not_understood_is_refused(text: str) -> None:
    """
    When the preset is loaded, not when a file is read.
    """
    with pytest.raises(DatePatternInvalid):
        DatePattern.of(text)


@given(st.text(), st.sampled_from([BANK, DASHES, SLASHES, SHORT, ISO, "epoch"]))
def test_no_text_raises(text: str, pattern: str) -> None:
    """
    The answer is an instant or a refusal.
    """
    read = instant_of(DatePattern.of(pattern), text)

    assert read is None or read.tzinfo is UTC
