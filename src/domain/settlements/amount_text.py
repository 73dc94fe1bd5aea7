"""Amounts as settlement files and bank statements write them: exact, or refused; never rounded, never guessed."""

import re
from typing import Final

from domain.money import Money

AMOUNT_CHARS_MAX: Final = 40
RUPEE_DIGITS_MAX: Final = 15
_MAGNITUDE: Final = (
    r"(?:(?P<plain>[0-9]+)|(?P<western>[0-9]{1,3}(?:,[0-9]{3})+)"
    r"|(?P<indian>[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}))(?:\.(?P<decimals>[0-9]+))?"
)
_AMOUNT: Final = re.compile(
    rf"'?(?P<before>-|\()?(?:INR ?|₹ ?)?(?P<inside>-)?{_MAGNITUDE}(?P<after>-|\))?", re.ASCII
)
_PLAIN: Final = re.compile(r"(-?)([0-9]{1,15})\.([0-9]{2})", re.ASCII)
_PAISE: Final = re.compile(r"-?[0-9]{1,17}", re.ASCII)
_BLANKS: Final = " \t\u00a0\u2007\u202f"
_SIGNS: Final = frozenset(
    {("", "", ""), ("-", "", ""), ("", "-", ""), ("", "", "-"), ("(", "", ")")}
)


def amount_of(text: str) -> Money | None:
    """
    Return the rupees in *text* to the paisa, or None where it is not exactly one amount.

    Taken are Western and Indian grouping, one sign before or behind or brackets for a negative amount,
    ``INR`` or ``₹`` before it, a leading apostrophe, blanks around it, and further decimals that are all zero.
    An exponent, a plus sign, a comma for the point and the digits of other scripts are not taken.
    """
    if usual := _PLAIN.fullmatch(text):  # as nearly every cell is written
        sign, rupees, paise = usual.groups()
        size = int(rupees) * 100 + int(paise)
        return Money(-size if sign else size)
    if len(text) > AMOUNT_CHARS_MAX:
        return None
    found = _AMOUNT.fullmatch(text.strip(_BLANKS))
    if found is None:
        return None
    signs = (found["before"] or "", found["inside"] or "", found["after"] or "")
    rupees = (found["plain"] or found["western"] or found["indian"]).replace(",", "")
    decimals = found["decimals"] or ""
    if signs not in _SIGNS or len(rupees) > RUPEE_DIGITS_MAX or decimals[2:].strip("0"):
        return None
    size = int(rupees) * 100 + int(decimals[:2].ljust(2, "0"))
    return Money(-size if any(signs) else size)


def paise_of(text: str) -> Money | None:
    """Return an amount that is told in whole paise, or None."""
    return Money(int(text)) if _PAISE.fullmatch(text) else None
