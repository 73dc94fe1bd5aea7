"""What the search for card numbers takes for a digit."""

import sys
from unicodedata import digit

from adapters.postgres.invariants.card_search import PLANES_WITH_DIGITS


def test_no_script_has_digits_that_are_not_looked_at() -> None:
    """
    By the Unicode of this Python: a new version of it may have more.
    """
    others = range(PLANES_WITH_DIGITS.stop, sys.maxunicode + 1)

    assert not [code for code in others if digit(chr(code), None) is not None]
