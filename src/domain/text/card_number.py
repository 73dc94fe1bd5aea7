"""Card numbers may not be stored: a type for the last four digits, and a detector for whole numbers."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.errors import DomainError

DIGITS_KEPT: Final = 4
DIGITS_MIN: Final = 13
DIGITS_MAX: Final = 19
DEPTH_MAX: Final = 64
REDACTED: Final = "[redacted]"

# Visa; Mastercard twice; RuPay, Discover and JCB as RuPay issues them; Amex; Diners.
_ISSUER: Final = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|6[05]|8[12]|508|353|356|3[47]|3[0689]"
)
_GROUP: Final = re.compile(r"[0-9]+")
_RUN: Final = re.compile(r"[0-9]+(?:[ -][0-9]+)*")

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

    A card number is 13 to 19 digits with single spaces or hyphens between them, the prefix of a card
    network and a right Luhn check digit; no further digit touches either end. An RRN (12 digits) and
    an ARN (23 digits) are none, nor is a reference that only passes Luhn's check.
    """
    return next(_card_spans(_Folded.of(text).text), None) is not None


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
        digits = _digits(folded.text[start:end])
        kept.append(text[done : folded.origins[start]])
        kept.append("X" * (len(digits) - DIGITS_KEPT) + digits[-DIGITS_KEPT:])
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
    match unicodedata.category(mark):
        case "Zs":
            return " "
        case "Pd":
            return "-"
        case "Cf":
            return ""
        case _:
            return mark


def _card_spans(text: str) -> Iterator[tuple[int, int]]:
    """
    Yield the start and end of each card number in folded *text*, in order.

    The four digits that stay visible may form another card number with the digits after them. Then
    the span grows over both, so that the masked text never holds a card number.
    """
    for run in _RUN.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
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
    found = None
    for place in range(at, min(at + DIGITS_MAX, len(groups))):
        digits = _digits(text[start : groups[place][1]])
        if len(digits) > DIGITS_MAX:
            break
        if len(digits) >= DIGITS_MIN and _ISSUER.match(digits) and _passes_luhn(digits):
            found = place
    return found


def _tail(text: str, end: int) -> int:
    """Return where the last four digits before *end* begin."""
    start = end
    for _ in range(DIGITS_KEPT):
        start -= 1
        while not text[start].isdigit():
            start -= 1
    return start


def _digits(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 + place % 2)
        total += product // 10 + product % 10
    return total % 10 == 0
