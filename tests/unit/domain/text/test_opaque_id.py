"""An id that a machine made is taken as it is."""

import pytest

from domain.text.opaque_id import PERSON_ID_MAX, is_opaque_id, is_person_id
from text_vectors import NO_OPAQUE_IDS, OPAQUE_IDS


@pytest.mark.parametrize("text", OPAQUE_IDS)
def test_any_uuid_and_any_word_is_an_id(text: str) -> None:
    """
    Digits inside that look like a card's are chance.
    """
    assert is_opaque_id(text, 255)


@pytest.mark.parametrize("text", [*NO_OPAQUE_IDS, "x" * 65])
def test_a_card_number_is_no_id(text: str) -> None:
    """
    Neither is what cannot stand in a header.
    """
    assert not is_opaque_id(text, 64)


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        ("auth0|64f", True),
        ("google-oauth2|107691503500061507151", True),
        ("https://sso.example.com/users/1", True),
        ("a b", True),
        ("|" * PERSON_ID_MAX, True),
        ("|" * (PERSON_ID_MAX + 1), False),
        ("", False),
        (" ", False),
        (" asha", False),
        ("asha ", False),
        ("a\tb", False),
        ("आशा", False),
        ("4111111111111111", False),
    ],
)
def test_a_person_is_called_by_any_printable_text(text: str, *, is_id: bool) -> None:
    """
    Whatever an identity provider makes of it, as long as it stays the same in a header and in a log.
    """
    assert is_person_id(text) is is_id
