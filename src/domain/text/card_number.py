"""Card numbers may not be stored: a type for the last four digits, and a detector for whole numbers."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.errors import DomainError
from domain.text.contact_number import contact_groups

DIGITS_KEPT: Final = 4
DIGITS_MIN: Final = 13
DIGITS_MAX: Final = 19
DEPTH_MAX: Final = 64
REDACTED: Final = "[redacted]"
MASK: Final = "X"

# Visa; Mastercard twice; RuPay, Discover and JCB as RuPay issues them; Amex; Diners.
_ISSUER: Final = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|6[05]|8[12]|508|353|356|3[47]|3[0689]"
)
# Maestro, UnionPay and the rest of RuPay, Discover and JCB: one PIN code in four begins like them.
_WIDE_ISSUER: Final = re.compile(r"50|5[6-8]|6|35(?:2[89]|[3-8])")
_LAYOUTS: Final = frozenset({(4, 6, 5), (4, 6, 4)})  # Amex; Diners
_EQUAL_GROUP_MAX: Final = 4

_GROUP: Final = re.compile(r"[0-9]+")
_RUN: Final = re.compile(r"[0-9]+(?:[ ./,_+\t\n\v\f\r-]{1,3}[0-9]+)*")
_CLOSE: Final = re.compile(r"[ -]?")
_OPAQUE: Final = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[0-9]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}))(?![0-9a-z])",
    re.IGNORECASE,
)
"""A UUID, or a digest in hex: one in some hundred holds digits that look like a card number."""

_OPAQUE_MIN: Final = 32

_PLAIN: Final = {
    "Zs": " ",
    "Zl": "\n",
    "Zp": "\n",
    "Pd": "-",
    "Pc": "_",
    "Cf": "",
    "Mn": "",
    "Me": "",
}
"""By category: blanks, dashes and low lines of any script, and marks that are invisible or stand above a digit."""

_DENIED: Final = frozenset(
    {
        *("cardnumber", "cardno", "cardnum", "cardnbr", "nameoncard", "cardisin", "cardbin"),
        *("cvv", "cvv2", "cvc", "cvc2", "cid", "securitycode", "cardsecuritycode"),
        *("expmonth", "expyear", "expdate", "track1", "track2", "trackdata"),
        *("pin", "pinblock", "upipin", "atmpin", "mpin", "otp", "password"),
    }
)
_DENIED_FAMILIES: Final = ("cardexp", "expiry", "netbanking")


class CardNumberRefused(DomainError):
    """A text that a client sent holds a card number; the error does not repeat it."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"{field} holds what looks like a card number; please leave it out")


@dataclass(frozen=True, slots=True)
class CardTail:
    """The last four digits: all of a card number that may be stored (RBI, 28 July 2022)."""

    digits: str

    def __post_init__(self) -> None:
        if not (
            self.digits.isascii() and self.digits.isdigit() and len(self.digits) == DIGITS_KEPT
        ):
            raise ValueError("a card tail is exactly four digits")

    def __str__(self) -> str:
        return f"•••• {self.digits}"


def contains_card_number(text: str) -> bool:
    """
    Return whether *text* holds a card number, in the digits of any script.

    A card number is 13 to 19 digits with the prefix of a card network and a right Luhn check digit; no
    further digit touches either end. It is written

    - in one piece, in equal groups of up to four digits, or as on an Amex or Diners card, with up to
      three blanks, hyphens, dots, commas, slashes, underscores, pluses or line breaks between them;
    - or in any other groups, with one space or hyphen between them, for the networks that people in
      India mostly hold (Visa, Mastercard, RuPay, Amex, Diners).

    A PIN code beside a telephone number is none, nor is what stands inside a UUID or a digest. An RRN
    (12 digits) and an ARN (23 digits) are none, nor is a reference that only passes Luhn's check.
    """
    return next(_card_spans(_Folded.of(text).text), None) is not None


def is_card_number(text: str) -> bool:
    """Return whether *text* is nothing but a card number, apart from blanks and punctuation."""
    folded = _Folded.of(text).text
    return any(
        not any(map(str.isalnum, folded[:start] + folded[end:]))
        for start, end in _card_spans(folded)
    )


def refuse_card_numbers(field: str, text: str) -> None:
    """Raise ``CardNumberRefused`` naming *field* when *text* holds a card number."""
    if contains_card_number(text):
        raise CardNumberRefused(field)


def redact(value: object) -> object:
    """
    Return decoded JSON without card data; a second application changes nothing.

    A value whose key names data that must never be stored (PCI DSS 3.3, and the RBI's circular) is
    removed whole. A card number anywhere else, in a text, a key or as a number, keeps its last four
    digits: ``XXXXXXXXXXXX1111``. What is nested deeper than ``DEPTH_MAX`` is removed whole.
    """
    return _redact(value, DEPTH_MAX)


def _redact(value: object, depth: int) -> object:
    if depth == 0 and isinstance(value, dict | list | tuple):
        return REDACTED
    match value:
        case str():
            return _masked(value)
        case dict():
            return {
                _masked(key) if isinstance(key, str) else key: (
                    REDACTED if _is_denied(key) else _redact(inner, depth - 1)
                )
                for key, inner in value.items()
            }
        case list() | tuple():
            return [_redact(inner, depth - 1) for inner in value]
        case int() | float() | Decimal():
            return _redact_number(value)
        case _:
            return value


def _redact_number(value: float | Decimal) -> object:
    try:
        size = abs(float(value))
    except (OverflowError, ValueError):
        return value  # hundreds of digits, or a signalling NaN: no card is like that
    if not 10.0 ** (DIGITS_MIN - 1) <= size <= 10.0**DIGITS_MAX:
        return value
    digits = str(abs(int(value)))
    return _masked(digits) if int(value) == value and contains_card_number(digits) else value


def _is_denied(key: object) -> bool:
    folded = unicodedata.normalize("NFKC", str(key)).casefold()
    bare = "".join(mark for mark in folded if mark.isalnum())
    return bare in _DENIED or bare.startswith(_DENIED_FAMILIES)


def _masked(text: str) -> str:
    folded = _Folded.of(text)
    kept = []
    done = 0
    for start, end in _card_spans(folded.text):
        digits = "".join(_GROUP.findall(folded.text, start, end))
        kept.append(text[done : folded.origins[start]])
        kept.append(MASK * (len(digits) - DIGITS_KEPT) + digits[-DIGITS_KEPT:])
        done = folded.origins[end - 1] + 1
    return "".join([*kept, text[done:]])


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text with ASCII digits, spaces and hyphens, and the place of each character in the original."""

    text: str
    origins: range | list[int]

    @classmethod
    def of(cls, text: str) -> "_Folded":
        if text.isascii():
            return cls(text, range(len(text)))
        marks = [(plain, at) for at, mark in enumerate(text) if (plain := _plain(mark))]
        return cls("".join(plain for plain, _ in marks), [at for _, at in marks])


def _plain(mark: str) -> str:
    """Return *mark* as ASCII where it can be part of a number, and nothing for an invisible one."""
    if (digit := unicodedata.digit(mark, None)) is not None:
        return str(digit)
    category = unicodedata.category(mark)
    if category == "Po" and not mark.isascii():
        return "."
    return _PLAIN.get(category, mark)


def _card_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each card number in folded *text*, in order."""
    if len(text) >= _OPAQUE_MIN:
        text = _OPAQUE.sub(lambda found: "x" * len(found[0]), text)
    for run in _RUN.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        if sum(end - start for start, end in groups) >= DIGITS_MIN:
            for segment in _without_contacts(text, groups):
                yield from _spans_among(text, segment)


def _without_contacts(
    text: str, groups: Sequence[tuple[int, int]]
) -> Sequence[Sequence[tuple[int, int]]]:
    """Return what lies between the groups that are PIN codes and telephone numbers."""
    begin, _ = groups[0]
    # The four digits that a masked card leaves are part of no address.
    first = 1 if text.endswith(MASK, 0, begin) else 0
    contacts = contact_groups([text[start:end] for start, end in groups[first:]])
    segments: list[list[tuple[int, int]]] = [[]]
    for place, group in enumerate(groups):
        if place - first in contacts:
            segments.append([])
        else:
            segments[-1].append(group)
    return segments


def _spans_among(text: str, groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """
    Yield the card numbers that *groups* of digits in *text* make up.

    The four digits that stay visible may form another card number with the digits after them. Then
    the span grows over both, so that the masked text never holds a card number.
    """
    at = 0
    while at < len(groups):
        start = groups[at][0]
        last = _last_group(text, start, groups, at)
        if last is None:
            at += 1
            continue
        while last is not None:
            at = last
            last = _last_group(text, _tail(text, groups[at][1]), groups, at)
        yield start, groups[at][1]
        at += 1


def _last_group(text: str, start: int, groups: Sequence[tuple[int, int]], at: int) -> int | None:
    """Return which group, from *at* on, ends the longest card number beginning at *start*, if any."""
    found, digits, sizes, close = None, "", [], True
    for place in range(at, min(at + DIGITS_MAX, len(groups))):
        begin, end = groups[place]
        if place > at:
            close = close and _CLOSE.fullmatch(text, groups[place - 1][1], begin) is not None
            piece = text[begin:end]
        else:
            # Four digits that stay visible are one group, however they were written.
            piece = "".join(_GROUP.findall(text, start, end))
        digits += piece
        sizes.append(len(piece))
        if len(digits) > DIGITS_MAX:
            break
        if len(digits) >= DIGITS_MIN and _is_card(digits, sizes, close=close):
            found = place
    return found


def _is_card(digits: str, sizes: Sequence[int], *, close: bool) -> bool:
    """Whether *digits*, written in groups of *sizes*, are a card number; *close* with at most one mark between."""
    if _ISSUER.match(digits):
        fits = close or _is_layout(sizes)
    else:
        fits = _WIDE_ISSUER.match(digits) is not None and _is_layout(sizes)
    return fits and _passes_luhn(digits)


def _is_layout(sizes: Sequence[int]) -> bool:
    if len(sizes) == 1 or tuple(sizes) in _LAYOUTS:
        return True
    size = sizes[0]
    return size <= _EQUAL_GROUP_MAX and set(sizes[:-1]) == {size} and sizes[-1] <= size


def _tail(text: str, end: int) -> int:
    """Return where the last four digits before *end* begin."""
    start = end
    for _ in range(DIGITS_KEPT):
        start -= 1
        while not text[start].isdigit():
            start -= 1
    return start


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 + place % 2)
        total += product // 10 + product % 10
    return total % 10 == 0
