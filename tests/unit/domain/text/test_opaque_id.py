"""An id that a machine made is taken as it is."""

import pytest

from domain.text.opaque_id import is_opaque_id
from text_vectors import NO_OPAQUE_IDS, OPAQUE_IDS


@pytest.mark.parametrize("text", OPAQUE_IDS)
def test_any_uuid_and_any_word_is_an_id(text: str) -> None:
    """
    Digits inside that look like a card's are chance.
    """
    assert is_opaque_id(text, 64)


@pytest.mark.parametrize("text", NO_OPAQUE_IDS)
def test_a_card_number_is_no_id(text: str) -> None:
    """
    Neither is what cannot stand in a header.
    """
    assert not is_opaque_id(text, 64)
