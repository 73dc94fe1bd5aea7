"""What people read of how a payment was paid."""

import pytest

from domain.payments.order_facts import Instrument
from domain.payments.payment_method import paid_by
from domain.text.card_number import CardTail


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (
            Instrument(method="CARD", card_tail=CardTail("4242"), card_brand="VISA"),
            "Card VISA •••• 4242",
        ),
        (Instrument(method="card", card_brand="RUPAY"), "Card RUPAY"),
        (Instrument(method="NB"), "Net banking"),
        (Instrument(method="UPI"), "UPI"),
        (Instrument(method="EMI"), "EMI"),
        (Instrument(), ""),
    ],
)
def test_the_method_is_told_in_words(used: Instrument, words: str) -> None:
    """
    The bank's own word stands where there is none of ours; of a card no more than its last four digits.
    """
    assert paid_by(used) == words
