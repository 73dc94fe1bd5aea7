"""Telephone numbers, and the digits of an address that are a PIN code or a telephone number."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

PHONE_DIGITS_MIN: Final = 6
PHONE_DIGITS_MAX: Final = 15  # E.164

_PHONE: Final = re.compile(rf"\+?[0-9]{{{PHONE_DIGITS_MIN},{PHONE_DIGITS_MAX}}}")
_BETWEEN: Final = re.compile(r"(?<=.)[ ().\-\u00a0\u2010\u2011]+")

_PIN_CODES: Final = frozenset({(6,), (3, 3)})
_MOBILES: Final = frozenset({(10,), (5, 5)})
_PHONES: Final = frozenset({(4, 6), (4, 3, 3), (3, 7), (3, 3, 4), (2, 8), (2, 4, 4)})
"""How an Indian number is grouped, without trunk digit and country code: these may begin with an area code."""

_GROUPS_MAX: Final = 3
_TRUNKS: Final = ("0", "91", "091")


def phone_number(text: str) -> str | None:
    """
    Return the telephone number in *text* as ``+`` and digits, or None.

    Blanks, hyphens, dots and brackets are left out; digits of any script become ASCII. It has 6 to 15
    digits (E.164).
    """
    written = "".join(
        mark if (digit := unicodedata.digit(mark, None)) is None else str(digit)
        for mark in text.strip().removeprefix("(")
    )
    bare = _BETWEEN.sub("", written)
    return bare if _PHONE.fullmatch(bare) else None


def contact_groups(groups: Sequence[str]) -> frozenset[int]:
    """
    Return the places of those *groups* of digits that read as a PIN code beside a telephone number.

    Two telephone numbers side by side count as well. One number alone does not: six or ten digits
    with others around them may be part of a card number.
    """
    found: set[int] = set()
    for start in range(len(groups)):
        for middle, first_is_phone in _readings(groups, start):
            for end, second_is_phone in _readings(groups, middle):
                if first_is_phone or second_is_phone:
                    found.update(range(start, end))
    return frozenset(found)


def _readings(groups: Sequence[str], at: int) -> Iterator[tuple[int, bool]]:
    """Yield where each number that begins at *at* ends, and whether it is a telephone number."""
    for end, digits, sizes in _beginnings(groups, at):
        if sizes in _PIN_CODES and digits[0] != "0":
            yield end, False
    for trunk in _TRUNKS:
        if at < len(groups) and groups[at] == trunk:
            yield from _phones(groups, at + 1)
        elif at < len(groups) and groups[at].startswith(trunk):
            bare = groups[at].removeprefix(trunk)
            yield from _phones([*groups[:at], bare, *groups[at + 1 : at + _GROUPS_MAX]], at)
    yield from _phones(groups, at)


def _phones(groups: Sequence[str], at: int) -> Iterator[tuple[int, bool]]:
    for end, digits, sizes in _beginnings(groups, at):
        if (sizes in _PHONES and digits[0] > "0") or (sizes in _MOBILES and digits[0] > "1"):
            yield end, True


def _beginnings(groups: Sequence[str], at: int) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    for end in range(at + 1, min(at + _GROUPS_MAX, len(groups)) + 1):
        taken = groups[at:end]
        yield end, "".join(taken), tuple(map(len, taken))
