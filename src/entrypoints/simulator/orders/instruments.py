"""
What the payer pays with, and the outcomes of the documented test instruments (SmartGateway's test resources).

Of a card only the last four digits, the brand and a made-up issuer are kept after the request.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

CARD_DIGITS: Final = range(12, 20)
CVV: Final = re.compile(r"\d{3,4}", re.ASCII)
EXPIRY: Final = re.compile(r"(0[1-9]|1[0-2])\s*/\s*(?:20)?(\d{2})", re.ASCII)
OTP: Final = "000000"
VPA: Final = re.compile(r"[A-Za-z0-9._-]{2,100}@[A-Za-z][A-Za-z0-9]{1,63}", re.ASCII)
ISSUER: Final = "Example Bank"

FAILURE_FROM: Final = Decimal(500)
PENDING_FROM: Final = Decimal(700)


class Method(StrEnum):
    UPI = "UPI"
    CARD = "CARD"
    NB = "NB"


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    PENDING = "pending"


class BadInstrument(Exception):
    """The payer's input is not valid; the text is shown to the payer."""


@dataclass(frozen=True, slots=True)
class Upi:
    vpa: str

    @property
    def method(self) -> Method:
        return Method.UPI


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    last_four: str
    brand: str
    issuer: str = ISSUER

    @property
    def method(self) -> Method:
        return Method.CARD


@dataclass(frozen=True, slots=True)
class NetBanking:
    code: str

    @property
    def method(self) -> Method:
        return Method.NB


Instrument = Upi | Card | NetBanking

BANKS: Final = {
    "NB_AXIS": "Axis Bank",
    "NB_HDFC": "HDFC Bank",
    "NB_ICICI": "ICICI Bank",
    "NB_SBI": "State Bank of India",
    "NB_KOTAK": "Kotak Mahindra Bank",
}

# The issuer range that stands for a brand in status answers; what the payer typed is not kept.
BRAND_ISINS: Final = {
    "VISA": "401200",
    "MASTERCARD": "520473",
    "RUPAY": "652850",
    "AMEX": "371449",
    "UNKNOWN": "",
}

DEFAULT_INSTRUMENTS: Final[dict[Method, Instrument]] = {
    Method.UPI: Upi("success@upi"),
    Method.CARD: Card(last_four="1097", brand="VISA"),
    Method.NB: NetBanking("NB_AXIS"),
}

VPA_OUTCOMES: Final = {"success@upi": Outcome.SUCCESS, "failure@upi": Outcome.FAILURE}


def read_vpa(typed: str) -> Upi:
    vpa = typed.strip().lower()
    if not VPA.fullmatch(vpa):
        raise BadInstrument("A UPI ID looks like name@bank.")
    return Upi(vpa)


def read_bank(code: str) -> NetBanking:
    if code not in BANKS:
        raise BadInstrument("Choose a bank from the list.")
    return NetBanking(code)


def read_card(*, number: str, expiry: str, cvv: str, today: date) -> Card:
    """Return what is kept of a valid card, or raise ``BadInstrument``."""
    digits = re.sub(r"[\s-]", "", number)
    if not (digits.isascii() and digits.isdigit() and len(digits) in CARD_DIGITS and _luhn(digits)):
        raise BadInstrument("This is not a card number. Use one of the test cards.")
    if not (ends := EXPIRY.fullmatch(expiry.strip())):
        raise BadInstrument("The expiry is written MM/YY.")
    if (2000 + int(ends[2]), int(ends[1])) < (today.year, today.month):
        raise BadInstrument("This card has expired.")
    if not CVV.fullmatch(cvv.strip()):
        raise BadInstrument("The CVV has three or four digits.")
    return Card(last_four=digits[-4:], brand=_brand(digits))


def documented_outcome(instrument: Instrument) -> Outcome | None:
    """Return the outcome of a test instrument, None for others; a card's outcome depends on its OTP."""
    if isinstance(instrument, Upi):
        return VPA_OUTCOMES.get(instrument.vpa)
    if isinstance(instrument, NetBanking):
        return Outcome.SUCCESS if instrument.code == "NB_AXIS" else None
    return None


def outcome_by_amount(amount: Decimal) -> Outcome:
    """Return the outcome by the dummy gateway's rule: below 500 success, below 700 failure, else pending."""
    if amount < FAILURE_FROM:
        return Outcome.SUCCESS
    return Outcome.FAILURE if amount < PENDING_FROM else Outcome.PENDING


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0  # noqa: PLR2004 - the casting out of nines is the algorithm


def _brand(digits: str) -> str:
    lead = int(digits[:4])
    if digits[0] == "4":
        return "VISA"
    if 5100 <= lead <= 5599 or 2221 <= lead <= 2720:  # noqa: PLR2004 - Mastercard's published ranges
        return "MASTERCARD"
    if digits[:2] in {"34", "37"}:
        return "AMEX"
    return "RUPAY" if digits[:2] in {"60", "65", "81", "82"} else "UNKNOWN"
