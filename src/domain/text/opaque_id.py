"""Ids that somebody else made and nobody reads: idempotency keys, events, subjects of a token."""

from typing import Final

from domain.text.card_number import contains_card_number, is_card_number

PERSON_ID_MAX: Final = 255
"""The longest subject of a token (OpenID Connect Core 1.0, section 2)."""


def is_opaque_id(text: str, longest: int) -> bool:
    """
    Return whether *text* is an id of at most *longest* characters: printable ASCII, and no card number.

    No card number is looked for inside one word: one UUID in nine hundred would hold one. In several words it is,
    for those were typed by a person.
    """
    shaped = 1 <= len(text) <= longest and text.isascii() and text.isprintable()
    return shaped and not is_card_number(text) and not (" " in text and contains_card_number(text))


def is_person_id(text: str) -> bool:
    """Return whether *text* may be the id of a person, as a token's ``sub`` calls them: no blank at an end."""
    return is_opaque_id(text, PERSON_ID_MAX) and text == text.strip()
