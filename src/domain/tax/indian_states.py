"""The States and union territories of India: their GST codes, and the name of their half of the tax."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError

CODE_SHOWN_MAX: Final = 4

ABROAD: Final = "96"
"""The code of a place of supply outside India in GST returns; no State has it."""


class SecondTax(StrEnum):
    """The tax beside CGST; a union territory without a legislature levies UTGST (UTGST Act, 2017)."""

    SGST = "SGST"
    UTGST = "UTGST"


class UnknownState(DomainError):
    """No State offered at checkout has this code."""

    def __init__(self, code: str) -> None:
        self.code = code if len(code) <= CODE_SHOWN_MAX else f"{code[:CODE_SHOWN_MAX]}…"
        super().__init__(f"no State of India has the GST code {self.code}")


class NotSoldAbroad(DomainError):
    """The place named is outside India, and exports of services are not sold."""

    def __init__(self) -> None:
        super().__init__("courses are sold within India only; 96 is a place abroad")


@dataclass(frozen=True, slots=True)
class IndianState:
    code: str
    name: str
    second_tax: SecondTax

    def __str__(self) -> str:
        """As a tax document prints a place of supply: ``29-Karnataka``."""
        return f"{self.code}-{self.name}"


def indian_state(code: str) -> IndianState:
    """Return the State with this two-digit GST code; raises ``NotSoldAbroad`` or ``UnknownState``."""
    if code == ABROAD:
        raise NotSoldAbroad
    try:
        return STATES[code]
    except KeyError:
        raise UnknownState(code) from None


def _by_code(names: Mapping[str, str], second_tax: SecondTax) -> dict[str, IndianState]:
    return {code: IndianState(code, name, second_tax) for code, name in names.items()}


_WITH_LEGISLATURE: Final = {
    "01": "Jammu and Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "27": "Maharashtra",
    "29": "Karnataka",
    "30": "Goa",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "36": "Telangana",
    "37": "Andhra Pradesh",
}
_WITHOUT_LEGISLATURE: Final = {
    "04": "Chandigarh",
    "26": "Dadra and Nagar Haveli and Daman and Diu",
    "31": "Lakshadweep",
    "35": "Andaman and Nicobar Islands",
    "38": "Ladakh",
    "97": "Other Territory",
}

STATES: Final[Mapping[str, IndianState]] = MappingProxyType(
    dict(
        sorted(
            (
                _by_code(_WITH_LEGISLATURE, SecondTax.SGST)
                | _by_code(_WITHOUT_LEGISLATURE, SecondTax.UTGST)
            ).items()
        )
    )
)
"""Offered at checkout. 96 is abroad, where nothing is sold; 99 is no place of supply."""

SUCCESSORS: Final[Mapping[str, str]] = MappingProxyType({"25": "26", "28": "37"})
"""Codes found only in old GSTINs, and the State each of them belongs to now."""
