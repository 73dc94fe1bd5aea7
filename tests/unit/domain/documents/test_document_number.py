"""Numbers run on without end or gap, start anew each April, and please every portal that reads them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_day import business_day_of
from domain.documents.document_number import (
    SEQUENCE_MAX,
    DocumentNumber,
    FinancialYear,
    NumberInvalid,
    Series,
    is_acceptable,
    number_prefix,
)

numbers = st.builds(
    DocumentNumber,
    st.sampled_from(Series),
    st.integers(2000, 2099).map(FinancialYear),
    st.integers(1, SEQUENCE_MAX),
)


def test_a_number_says_series_year_and_place() -> None:
    """
    The first invoice of 2026-27.
    """
    first = DocumentNumber(Series.INVOICE, FinancialYear(2026), 1)

    assert str(first) == "INV/2627/0000001"
    assert number_prefix(Series.INVOICE, FinancialYear(2026)) == "INV/2627/"


@given(numbers)
def test_every_number_fits_is_acceptable_and_reads_back(number: DocumentNumber) -> None:
    """
    16 characters at most (Rule 46(b)), upper case, nothing odd in front.
    """
    assert len(str(number)) == 16
    assert is_acceptable(str(number))
    assert DocumentNumber.parse(str(number)) == number


@pytest.mark.parametrize(
    "text", ["A", "1", "KA/1", "INV2019-20/KA/1", "9" * 16, "A/-/-/-/-/-/-/-/"]
)
def test_numbers_of_other_sellers_are_acceptable_too(text: str) -> None:
    """
    What the returns take is wider than what we issue.
    """
    assert is_acceptable(text)


@pytest.mark.parametrize(
    "text", ["", "0INV", "-INV", "/INV", "inv/1", "INV 1", "INV_1", "A" * 17, "INV/1\n", "इ1"]
)
def test_what_the_portals_refuse_is_not_acceptable(text: str) -> None:
    """
    No leading 0, - or /, no lower case, no blanks, at most 16 characters.
    """
    assert not is_acceptable(text)


@pytest.mark.parametrize(
    "text",
    [
        "INV/2627/000001",
        "INV/2627/00000001",
        "INV/2628/0000001",
        "INV/2627/0000000",
        "XYZ/2627/0000001",
        "inv/2627/0000001",
        "INV/2627/0000001 ",
        "INV/2627/000000१",
        "",
    ],
)
def test_what_we_never_issued_is_no_number(text: str) -> None:
    """
    Another series, years that do not follow, no place in the run, and foreign digits.
    """
    with pytest.raises(NumberInvalid):
        DocumentNumber.parse(text)


def test_a_refused_number_is_repeated_in_part_only() -> None:
    """
    It may be anything of any length.
    """
    with pytest.raises(NumberInvalid) as refusal:
        DocumentNumber.parse("x" * 10_000)

    assert len(refusal.value.text) == 16


@pytest.mark.parametrize("sequence", [0, -1, SEQUENCE_MAX + 1])
def test_a_run_begins_at_one_and_ends_before_the_digits_do(sequence: int) -> None:
    """
    An eighth digit would make 17 characters.
    """
    with pytest.raises(ValueError, match="a series holds"):
        DocumentNumber(Series.INVOICE, FinancialYear(2026), sequence)


@pytest.mark.parametrize(
    ("instant", "label"),
    [
        (datetime(2027, 3, 31, 18, 29, 59, tzinfo=UTC), "2026-27"),
        (datetime(2027, 3, 31, 18, 30, tzinfo=UTC), "2027-28"),
        (datetime(2026, 3, 31, 23, 0, tzinfo=UTC), "2026-27"),
        (datetime(2099, 4, 1, tzinfo=UTC), "2099-00"),
    ],
)
def test_the_year_turns_at_midnight_in_india(instant: datetime, label: str) -> None:
    """
    Half past six in the evening of 31 March in UTC.
    """
    assert str(FinancialYear.of(business_day_of(instant))) == label


def test_a_year_is_spelt_in_four_digits_within_a_number() -> None:
    """
    The turn of the century included.
    """
    assert FinancialYear.of(date(2027, 3, 31)).compact == "2627"
    assert FinancialYear(2099).compact == "9900"
    assert FinancialYear(2009).compact == "0910"
