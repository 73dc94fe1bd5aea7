"""The bank's words as we may keep them: printable, short, and never with a card number inside."""

import re
import unicodedata
from typing import Final

from domain.card import redact

WORD_LENGTH_MAX: Final = 40
NAME_LENGTH_MAX: Final = 100
DETAIL_LENGTH_MAX: Final = 300
REFERENCE_LENGTH_MAX: Final = 64
IDENTIFIER_LENGTH_MAX: Final = 100

_NOTHING: Final = {"NA", "N/A", "NULL", "NONE", "FILTERED"}
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,6}")
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9().\-_ ]")


def clean(value: object, length_max: int) -> str:
    """Return *value* on one line, at most *length_max* long, redacted; what is no text is empty."""
    # Cut once generously before redacting, so that the work is bounded, and once after it: a cut
    # through a card number would leave digits that no detector knows for one.
    return str(redact(_line(value, length_max * 4)))[:length_max]


def identifier(value: object) -> str:
    """
    Return an id the bank made up, on one line and bounded.

    It is not redacted: one in some thousand hexadecimal ids holds digits that look like a card
    number, and half an id finds nothing.
    """
    return _line(value, IDENTIFIER_LENGTH_MAX)


def reference(value: object) -> str:
    """Return a bank's reference, or nothing for the many ways a bank has of saying nothing."""
    text = clean(value, REFERENCE_LENGTH_MAX)
    return "" if text.upper() in _NOTHING else text


def whole_number(value: object) -> int | None:
    """Return the small whole number that *value* spells, or None."""
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    return None


def person_name(text: str) -> str:
    """Return *text* in the letters the bank allows in names, accents taken off; others are left out."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join(_NOT_IN_NAMES.sub("", plain).split())[:NAME_LENGTH_MAX]


def _line(value: object, length_max: int) -> str:
    if not isinstance(value, str):
        return ""
    line = "".join(char if char.isprintable() else " " for char in value[:length_max])
    return " ".join(line.split())
