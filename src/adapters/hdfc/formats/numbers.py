"""Read numbers of the bank in every notation that JSON, XML and forms have, with a limit on the work."""

import re
from decimal import Decimal
from typing import Final

NUMBER_LENGTH_MAX: Final = 64
EXPONENT_MAX: Final = 30
"""On both sides of zero. No number of the bank needs more, and ``1e999999999`` would fill the memory."""

WHOLE_NUMBER_MAX: Final = 999_999

_NUMBER: Final = re.compile(
    r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,9}))?", re.ASCII
)
_BLANKS: Final = " \t\r\n"


def number(text: object) -> Decimal | None:
    """
    Return the number that *text* spells, exactly and in its shortest form, or None.

    The notations are those of JSON (RFC 8259, section 6) and of XML Schema's decimal and double: ``5.25E+2`` and
    ``525.000`` are 525. Blanks around it do not count. None stands for words such as NaN, for a text longer than
    ``NUMBER_LENGTH_MAX``, and for an exponent beyond ``EXPONENT_MAX``.
    """
    if not isinstance(text, str) or len(text) > NUMBER_LENGTH_MAX:
        return None
    found = _NUMBER.fullmatch(text.strip(_BLANKS))
    if found is None:
        return None
    sign, mantissa, power = found[1], found[2], int(found[3] or 0)
    if abs(power) > EXPONENT_MAX:
        return None
    whole, _, part = mantissa.partition(".")
    # Built from its digits: arithmetic would round to the precision of the decimal context.
    digits = (whole + part).lstrip("0")
    significant = digits.rstrip("0")
    exponent = power - len(part) + len(digits) - len(significant)
    if exponent > 0:
        significant, exponent = significant + "0" * exponent, 0
    if not significant:
        return Decimal(0)
    return Decimal((int(sign == "-"), tuple(map(int, significant)), exponent))


def whole_number(text: object) -> int | None:
    """Return the small whole number that *text* spells in any notation (see ``number``), or None."""
    found = number(text)
    if found is None or found != int(found) or abs(found) > WHOLE_NUMBER_MAX:
        return None
    return int(found)
