"""Ids keep their zeros, null words are nothing, and what a spreadsheet destroyed is never a key."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.settlements.id_text import IdNotTaken, id_of, order_reference, rrn_of
from domain.settlements.line_warning import LineWarning

LOST = LineWarning.ID_LOST_IN_SPREADSHEET
RESTORED = LineWarning.ZEROS_RESTORED


@pytest.mark.parametrize(
    ("text", "value", "warning"),
    [
        *((text, None, None) for text in ("", " ", "NA", "n/a", "Null", "-", "0", "'0", "'")),
        *((text, None, LOST) for text in ("6.3161E+11", "7.45421e+22", "1E+15", "6,3161E+11")),
        ("00SIMT90", "00SIMT90", None),
        ("'000000000042", "000000000042", None),
        (" 123E45 ", "123E45", None),
        ("00E123", "00E123", None),
        ("0000000000000001", "0000000000000001", None),
    ],
)
def test_an_id_is_text_or_nothing(
    text: str, value: str | None, warning: LineWarning | None
) -> None:
    """
    An approval code such as 00E123 is no rounded number.
    """
    assert id_of(text) == (value, warning)


@pytest.mark.parametrize(
    ("text", "value", "warning"),
    [
        ("631610150001", "631610150001", None),
        ("63115470002", "063115470002", RESTORED),
        ("7", "000000000007", RESTORED),
        ("0", None, None),
        ("6.3161E+11", None, LOST),
        ("'000000000042", "000000000042", None),
        ("6316101500012", "6316101500012", None),
        ("RRN7", "RRN7", None),
    ],
)
def test_an_rrn_has_twelve_digits(
    text: str, value: str | None, warning: LineWarning | None
) -> None:
    """
    Leading zeros that a spreadsheet took are put back, with a warning.
    """
    assert rrn_of(text) == (value, warning)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x1fb", "x" * 101, "a\ud800"])
def test_what_no_bank_calls_an_id_is_refused(text: str) -> None:
    """
    Control characters would make two keys look alike, and no database stores a NUL.
    """
    with pytest.raises(IdNotTaken):
        id_of(text)


@pytest.mark.parametrize(
    ("cell", "attempt"),
    [
        ("SK7QMZ2VKA4CYD6HRN3B", None),
        ("70001-SK7QMZ2VKA4CYD6HRN3B-1", 1),
        ("SIMMERCHANT-SK7QMZ2VKA4CYD6HRN3B-12", 12),
        ("'SK7QMZ2VKA4CYD6HRN3B-2 ", 2),
    ],
)
def test_our_order_is_found_in_the_cell(cell: str, attempt: int | None) -> None:
    """
    Bare, or in the bank's transaction id.
    """
    found = order_reference(cell)

    assert found is not None
    assert (found.payment_id, found.attempt) == ("SK7QMZ2VKA4CYD6HRN3B", attempt)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "70001-../../etc/passwd-1",
        "xSK7QMZ2VKA4CYD6HRN3B",
        "SK7QMZ2VKA4CYD6HRN3B-123",
        "SK7QMZ2VKA4CYD6HRN3B\n",
        "sk7qmz2vka4cyd6hrn3b",
        "70001-70002-SK7QMZ2VKA4CYD6HRN3B-1",
        "SK7QMZ2VKA4CYD6HRN3",
        "SK7QMZ2VKA4CYD6HRN3B SK7QMZ2VKA4CYD6HRN3B",
    ],
)
def test_another_order_is_none_of_ours(cell: str) -> None:
    """
    The whole cell counts, so that nothing is taken out of the middle of a text.
    """
    assert order_reference(cell) is None


def test_a_preset_may_have_a_pattern_of_its_own() -> None:
    """
    For a bank that writes order ids in another way.
    """
    pattern = re.compile(r"ORD:(?P<payment>SK[A-Z2-7]{18})(?:/(?P<attempt>[0-9]+))?")
    found = order_reference("ORD:SK7QMZ2VKA4CYD6HRN3B", pattern)

    assert found is not None
    assert found.attempt is None


@given(st.text(max_size=120))
def test_no_text_raises_anything_else(text: str) -> None:
    """
    An id, nothing, or the one refusal.
    """
    for read in (id_of, rrn_of):
        try:
            value, _ = read(text)
        except IdNotTaken:
            continue
        assert value is None or value.strip()
