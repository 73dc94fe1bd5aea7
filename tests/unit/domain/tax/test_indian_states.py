"""The States, as GST numbers them."""

import pytest

from domain.tax.indian_states import (
    STATES,
    SUCCESSORS,
    NotSoldAbroad,
    SecondTax,
    UnknownState,
    indian_state,
)


def test_the_states_at_checkout_are_the_published_ones() -> None:
    """
    01 to 24, 26, 27, 29 to 38 and 97; retired codes, 96 and 99 are not offered.
    """
    expected = [f"{code:02d}" for code in (*range(1, 25), 26, 27, *range(29, 39), 97)]

    assert expected == list(STATES)
    assert all(code == known.code for code, known in STATES.items())


def test_utgst_falls_due_where_there_is_no_legislature() -> None:
    """
    Delhi, Puducherry and Jammu and Kashmir have one, and levy SGST.
    """
    without = {code for code, known in STATES.items() if known.second_tax is SecondTax.UTGST}

    assert {"04", "26", "31", "35", "38", "97"} == without


@pytest.mark.parametrize(
    ("code", "printed"),
    [("07", "07-Delhi"), ("29", "29-Karnataka"), ("38", "38-Ladakh"), ("37", "37-Andhra Pradesh")],
)
def test_a_state_prints_as_place_of_supply(code: str, printed: str) -> None:
    """
    The form tax documents and returns use.
    """
    assert printed == str(indian_state(code))


@pytest.mark.parametrize(
    "code", ["", "00", "1", "25", "28", "39", "99", "\uff12\uff19", "29 ", "KA"]
)
def test_an_unknown_code_is_refused(code: str) -> None:
    """
    Retired, foreign and mistyped codes are no State to sell into.
    """
    with pytest.raises(UnknownState) as refused:
        indian_state(code)
    assert code == refused.value.code


def test_abroad_is_no_state_and_is_said_to_be_abroad() -> None:
    """
    Nobody is led to name a State they are not in, which would be another tax.
    """
    with pytest.raises(NotSoldAbroad):
        indian_state("96")
    assert "96" not in STATES


def test_what_was_typed_is_not_repeated_at_length() -> None:
    """
    A card number typed into the wrong field does not end in a log.
    """
    with pytest.raises(UnknownState) as refused:
        indian_state("4111111111111111")
    assert "41111" not in str(refused.value)


def test_retired_codes_lead_to_states_of_today() -> None:
    """
    Daman and Diu joined 26; the old Andhra Pradesh code belongs to 37.
    """
    assert dict(SUCCESSORS) == {"25": "26", "28": "37"}
    assert set(SUCCESSORS.values()) <= set(STATES)
