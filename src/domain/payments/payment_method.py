"""How a payment was paid, in the words of pages and emails, and no more of it than may be shown."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.payments.order_facts import Instrument
from domain.text.language import IN_ENGLISH, Translations

METHOD_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {"CARD": "Card", "NB": "Net banking", "UPI": "UPI", "WALLET": "Wallet"}
)


def paid_by(used: Instrument, say: Translations = IN_ENGLISH) -> str:
    """Return how it was paid, such as ``Card VISA •••• 4242``; empty where the bank did not say."""
    known = METHOD_WORDS.get(used.method.upper())
    method = say(known) if known else used.method
    tail = str(used.card_tail) if used.card_tail else ""
    return " ".join(part for part in (method, used.card_brand, tail) if part)
