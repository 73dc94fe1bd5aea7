"""Ids that somebody else made and nobody reads: idempotency keys, events, subjects of a token."""

from domain.text.card_number import is_card_number


def is_opaque_id(text: str, longest: int) -> bool:
    """
    Return whether *text* is an id of at most *longest* characters: printable ASCII, and no card number.

    No card number is looked for inside: one UUID in nine hundred would hold one.
    """
    shaped = 1 <= len(text) <= longest and text.isascii() and text.isprintable()
    return shaped and not is_card_number(text)
