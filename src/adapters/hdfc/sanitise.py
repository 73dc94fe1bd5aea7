"""Clean texts of the bank before they are stored: printable, short, and without card numbers."""

import re
import unicodedata
from typing import Final

from domain.payments.order_facts import NAME_MAX, REFERENCE_MAX, WORD_MAX
from domain.text.card_number import redact

WORD_LENGTH_MAX: Final = WORD_MAX
NAME_LENGTH_MAX: Final = NAME_MAX
DETAIL_LENGTH_MAX: Final = 300
REFERENCE_LENGTH_MAX: Final = REFERENCE_MAX
IDENTIFIER_LENGTH_MAX: Final = 100

_NOTHING: Final = {"NA", "N/A", "NULL", "NONE", "FILTERED"}
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,6}")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9().\-_ ]")


def clean(value: object, length_max: int) -> str:
    """Return *value* on one line, at most *length_max* long, redacted; empty when it is not text."""
    # Cut to four times the length before redacting, to bound the work, and to the length after it: a cut through a
    # card number would leave digits that are not recognised as one.
    return str(redact(_line(value, length_max * 4)))[:length_max]


def identifier(value: object) -> str:
    """
    Return an id of the bank on one line, at most ``IDENTIFIER_LENGTH_MAX`` long.

    It is not redacted: one in some thousand hexadecimal ids contains digits that look like a card number, and a
    redacted id finds nothing.
    """
    return _line(value, IDENTIFIER_LENGTH_MAX)


def reference(value: object) -> str:
    """Return a reference of the bank, or nothing for its words for none, such as ``NA`` and ``FILTERED``."""
    text = clean(value, REFERENCE_LENGTH_MAX)
    return "" if text.upper() in _NOTHING else text


def plain_number(value: object) -> int | None:
    """Return the small whole number that *value* spells in digits alone, or None; for hints in messages."""
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    return None


def person_name(text: str) -> str:
    """Return *text* in the characters that the bank allows in names: accents removed, others left out."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join(_NOT_IN_NAMES.sub("", plain).split())[:NAME_LENGTH_MAX]


def _line(value: object, length_max: int) -> str:
    if not isinstance(value, str):
        return ""
    line = "".join(char if char.isprintable() else " " for char in value[:length_max])
    return " ".join(line.split())
