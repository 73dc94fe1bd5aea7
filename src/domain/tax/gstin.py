"""The number under which a business is registered for GST, accepted only with the right check digit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from domain.errors import DomainError
from domain.tax.indian_states import STATES, SUCCESSORS, IndianState

GSTIN_LENGTH: Final = 15

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class GstinKind(StrEnum):
    """The kind of holder, by the form of the number; no number fits two forms."""

    TAXPAYER = "taxpayer"
    TAX_COLLECTOR = "tax_collector"
    UN_BODY = "un_body"
    NON_RESIDENT = "non_resident"
    FOREIGN_ONLINE = "foreign_online"


class GstinFault(StrEnum):
    LENGTH = "length"
    SHAPE = "shape"
    STATE = "state"
    ABROAD = "abroad"
    CHECK_DIGIT = "check_digit"

    @property
    def words(self) -> str:
        """What is wrong, for people."""
        return _WORDS[self]


_SHAPES: Final[Mapping[GstinKind, re.Pattern[str]]] = {
    # The fourteenth character is D for deductors at source, and usually Z for all others.
    GstinKind.TAXPAYER: re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABD-J][0-9A-Z]"),
    GstinKind.TAX_COLLECTOR: re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]C[0-9A-Z]"),
    GstinKind.UN_BODY: re.compile(r"[0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[0-9A-Z]"),
    GstinKind.NON_RESIDENT: re.compile(r"[0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]"),
    GstinKind.FOREIGN_ONLINE: re.compile(r"99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]"),
}

_WORDS: Final[Mapping[GstinFault, str]] = {
    GstinFault.LENGTH: f"it has {GSTIN_LENGTH} characters",
    GstinFault.SHAPE: "letters and digits do not stand where a GSTIN has them",
    GstinFault.STATE: "its first two digits are no State",
    GstinFault.ABROAD: "it belongs to somebody outside India, to whom nothing is sold yet",
    GstinFault.CHECK_DIGIT: "its last character does not agree with the others",
}


class BadGstin(DomainError):
    """This is no GSTIN, or one of a buyer abroad; *reason* says why it is refused."""

    def __init__(self, reason: GstinFault) -> None:
        self.reason = reason
        super().__init__(f"not a usable GSTIN: {reason.words}")


@dataclass(frozen=True, slots=True)
class Gstin:
    """
    A GSTIN or UIN of a holder in India, or ``BadGstin``.

    Accepted are taxpayers, deductors and collectors of tax, UN bodies and embassies; an invoice must
    show a UIN as well (Rule 46(d)). Non-residents and foreign online sellers are refused: they are
    located abroad, and billing them would be an export.
    """

    text: str

    def __post_init__(self) -> None:
        if (fault := _fault_in(self.text)) is not None:
            raise BadGstin(fault)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the GSTIN in *text*, in upper or lower case and with spaces around, or raise ``BadGstin``."""
        trimmed = text.strip()
        # Some letters outside ASCII become A to Z in upper case; they are refused.
        return cls(trimmed.upper() if trimmed.isascii() else trimmed)

    @property
    def state_code(self) -> str:
        """The first two digits as written; the code may be retired (see ``SUCCESSORS``)."""
        return self.text[:2]

    @property
    def state(self) -> IndianState:
        """The State that has the code today: 28 is read as 37, 25 as 26."""
        return STATES[SUCCESSORS.get(self.state_code, self.state_code)]

    @property
    def is_registered(self) -> bool:
        """Whether its holder counts as registered; one with a UIN does not (CGST s.2(94))."""
        return _kind(self.text) is not GstinKind.UN_BODY

    def __str__(self) -> str:
        return self.text


def check_digit(text: str) -> str:
    """Return the check digit of the first fourteen characters of *text* (Luhn's sum, modulo 36)."""
    total = 0
    for place, character in enumerate(text[: GSTIN_LENGTH - 1]):
        product = _ALPHABET.index(character) * (1 + place % 2)
        total += product // 36 + product % 36
    return _ALPHABET[-total % 36]


def _fault_in(text: str) -> GstinFault | None:
    if len(text) != GSTIN_LENGTH:
        return GstinFault.LENGTH
    kind = _kind(text)
    if kind is None:
        return GstinFault.SHAPE
    if kind in {GstinKind.NON_RESIDENT, GstinKind.FOREIGN_ONLINE}:
        return GstinFault.ABROAD
    if text[:2] not in STATES and text[:2] not in SUCCESSORS:
        return GstinFault.STATE
    return None if text[-1] == check_digit(text) else GstinFault.CHECK_DIGIT


def _kind(text: str) -> GstinKind | None:
    return next((kind for kind, shape in _SHAPES.items() if shape.fullmatch(text)), None)
