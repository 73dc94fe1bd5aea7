"""What staff type to find payments: any id that anybody knows a payment by, an email address, or a telephone number."""

import re
from dataclasses import dataclass
from typing import Final, Self

from domain.text.card_number import CardNumberRefused, contains_card_number
from domain.text.contact_number import phone_number

SEARCH_CHARS_MAX: Final = 300
MOBILE_DIGITS: Final = 10
"""Of an Indian number, without trunk digit and country code."""

_OURS: Final = re.compile(r"(?<![A-Z0-9])SK[A-Z2-7]{18}(?![A-Z0-9])", re.IGNORECASE)


class SearchCardNumberRefused(CardNumberRefused):
    """What staff look for is a card number, which is not looked for."""


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """
    *text* is compared as it is with every id; *email* in lower case with addresses; *phones* with numbers.

    *email* and *phones* are empty for what can be none. One of our ids is taken out of whatever stands
    around it, such as the address of a page of ours.
    """

    text: str
    email: str = ""
    phones: tuple[str, ...] = ()

    @classmethod
    def read(cls, typed: str) -> Self | None:
        """Return what *typed* looks for, None for nothing, or raise ``SearchCardNumberRefused``."""
        text = " ".join(typed.split())[:SEARCH_CHARS_MAX].rstrip()
        if not text:
            return None
        if contains_card_number(text):
            raise SearchCardNumberRefused("search")
        if (ours := _OURS.search(text)) is not None:
            return cls(ours[0].upper())
        email = text.lower() if "@" in text else ""
        return cls(text, email, _phones(text))


def _phones(text: str) -> tuple[str, ...]:
    """Return each way in which the telephone number *text* may have been written down."""
    number = phone_number(text)
    if number is None or len(number) < MOBILE_DIGITS:
        return ()
    mobile = number[-MOBILE_DIGITS:]
    return tuple(sorted({number, mobile, f"+91{mobile}", f"91{mobile}", f"0{mobile}"}))
