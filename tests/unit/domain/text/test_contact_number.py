"""Telephone numbers as people write them, and as they stand beside a PIN code."""

import pytest

from domain.text.contact_number import contact_groups, phone_number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+91 98450 12345", "+919845012345"),
        (" 98450-12345 ", "9845012345"),
        ("(080) 2345 6789", "08023456789"),
        ("+1 (415) 555.0100", "+14155550100"),
        ("९८४५० १२३४५", "9845012345"),
        ("+91\u00a098450\u201112345", "+919845012345"),
        ("112233", "112233"),
    ],
)
def test_a_telephone_number_is_read(written: str, number: str) -> None:
    """
    Blanks, hyphens, dots and brackets are a matter of taste.
    """
    assert number == phone_number(written)


@pytest.mark.parametrize(
    "written", ["", "12345", "1" * 16, "98450 12345 ext 6", "98450+12345", "++919845012345", "n/a"]
)
def test_what_cannot_be_dialled_is_none(written: str) -> None:
    """
    Too short, too long, or with words.
    """
    assert phone_number(written) is None


@pytest.mark.parametrize(
    ("groups", "places"),
    [
        ("560001 9845012345", {0, 1}),
        ("4 560 001 98450 12345 7", {1, 2, 3, 4}),
        ("98450 12345 560001", {0, 1, 2}),
        ("560001 91 98450 12345", {0, 1, 2, 3}),
        ("560001 919845012345", {0, 1}),
        ("560001 09845012345", {0, 1}),
        ("560001 080 2345 6789", {0, 1, 2, 3}),
        ("560001 11 5832 3501", {0, 1, 2, 3}),
        ("9845012345 9845012346", {0, 1}),
        ("560001", set()),
        ("9845012345", set()),
        ("560001 560002", set()),
        ("560001 1845012345", set()),
        ("060001 9845012345", set()),
        ("4111 1111 1111 1111", set()),
        ("3782 822463 10005", set()),
        ("411111 1111 1111 1111 111", set()),
        ("91", set()),
    ],
)
def test_a_pin_code_and_a_telephone_are_seen_side_by_side_only(
    groups: str, places: set[int]
) -> None:
    """
    One of them alone may be a part of a card number.
    """
    assert places == contact_groups(groups.split())
