"""Ids as files write them: kept as text with their zeros, and never used once a spreadsheet has destroyed them."""

import re
from dataclasses import dataclass
from typing import Final

from domain.identifiers import PaymentId
from domain.settlements.line_warning import LineWarning
from domain.settlements.settlement_line import RRN_DIGITS

ID_CHARS_MAX: Final = 100
NULL_WORDS: Final = frozenset({"", "NA", "N/A", "NULL", "-", "0"})
"""What files write for no value; the case does not matter."""

ORDER_PATTERN: Final = re.compile(
    r"(?:[A-Za-z0-9]{1,20}-)?(?P<payment>SK[A-Z2-7]{18})(?:-(?P<attempt>[0-9]{1,2}))?", re.ASCII
)
"""Our order id, bare or as in the bank's transaction id ``<merchant>-<order>-<attempt>``."""

_USUAL: Final = re.compile(r"[A-Za-z0-9_/.@-]*[A-Za-z0-9_]{5}", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{1,3}", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BLANKS: Final = " \t\u00a0"


@dataclass(frozen=True, slots=True)
class OrderReference:
    """The payment that an order cell names, and which of its attempts."""

    payment_id: PaymentId
    attempt: int | None


class IdNotTaken(ValueError):
    """An id holds control characters or is longer than any bank's."""


def id_of(text: str) -> tuple[str | None, LineWarning | None]:
    """
    Return the id in *text*, or None for a null word; and a warning where a spreadsheet has destroyed it.

    An apostrophe that a spreadsheet put before it is taken off. Raises ``IdNotTaken``.
    """
    if len(text) <= ID_CHARS_MAX and _USUAL.fullmatch(text):  # as nearly every cell is written
        return text, None
    cleaned = text.strip(_BLANKS).removeprefix("'")
    if cleaned.upper() in NULL_WORDS:
        return None, None
    if len(cleaned) > ID_CHARS_MAX or _CONTROL.search(cleaned):
        raise IdNotTaken
    if _SCIENTIFIC.fullmatch(cleaned):
        return None, LineWarning.ID_LOST_IN_SPREADSHEET
    return cleaned, None


def rrn_of(text: str) -> tuple[str | None, LineWarning | None]:
    """Return the RRN in *text* like ``id_of``; one whose leading zeros are lost has them again, with a warning."""
    rrn, warning = id_of(text)
    if rrn is not None and len(rrn) < RRN_DIGITS and _DIGITS.fullmatch(rrn):
        return rrn.zfill(RRN_DIGITS), LineWarning.ZEROS_RESTORED
    return rrn, warning


def order_reference(text: str, pattern: re.Pattern[str] = ORDER_PATTERN) -> OrderReference | None:
    """Return what an order cell refers to, or None unless the whole of it is one of our ids."""
    found = pattern.fullmatch(text.strip(_BLANKS).removeprefix("'"))
    if found is None:
        return None
    attempt = found["attempt"]
    return OrderReference(PaymentId(found["payment"]), None if attempt is None else int(attempt))
