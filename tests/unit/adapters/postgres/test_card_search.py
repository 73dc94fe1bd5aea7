"""What the search for card numbers takes for a digit."""

import sys
from unicodedata import digit

from adapters.postgres.invariants.card_search import PLANES_WITH_DIGITS, holds_card_number


def test_no_script_has_digits_that_are_not_looked_at() -> None:
    """
    By the Unicode of this Python: a new version of it may have more.
    """
    others = range(PLANES_WITH_DIGITS.stop, sys.maxunicode + 1)

    assert not [code for code in others if digit(chr(code), None) is not None]


def test_an_id_of_the_bank_is_no_card_number_unless_it_is_nothing_else() -> None:
    """
    Of ids in hexadecimal digits one in some thousand has those of a card number in it; texts of people are no ids.
    """
    by_chance = "AR4111111111111111ab"

    assert not holds_card_number(f'sys|{{"refund": "{by_chance}", "amount": "41111111"}}')
    assert not holds_card_number(f'{{"facts": {{"refunds": [{{"id": "{by_chance}"}}]}}}}')
    assert holds_card_number('{"refund": "4111-1111-1111-1111"}')
    assert holds_card_number(f'{{"refund": "{by_chance}", "reason": "{by_chance}"}}')
    assert holds_card_number(f'{{"refund": "a"}}|{by_chance}')
    assert holds_card_number(f'{{"refund": "\\"{by_chance}"}}')
