"""Numbers of tax documents: consecutive in each series and financial year, at most 16 characters long."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self

from domain.errors import DomainError

NUMBER_MAX: Final = 16
"""Rule 46(b)."""

SEQUENCE_DIGITS: Final = 7
SEQUENCE_MAX: Final = 10**SEQUENCE_DIGITS - 1
APRIL: Final = 4
CENTURY: Final = 2000

_ACCEPTED: Final = re.compile(r"[A-Z1-9][A-Z0-9/-]{0,15}")
_OURS: Final = re.compile(r"([A-Z]{3})/([0-9]{2})([0-9]{2})/([0-9]{7})")


class Series(StrEnum):
    """A series of numbers; each kind of document has its own (Rules 46(b), 49(b) and 53(1A)(c))."""

    INVOICE = "INV"
    BILL_OF_SUPPLY = "BOS"
    CREDIT_NOTE = "CRN"
    COMMERCIAL_CREDIT = "CCR"


class NumberInvalid(DomainError):
    """This is not the form of our document numbers."""

    def __init__(self, text: str) -> None:
        self.text = text[:NUMBER_MAX]
        super().__init__(f"not the number of a tax document: {self.text!r}")


@dataclass(frozen=True, slots=True, order=True)
class FinancialYear:
    """The year from 1 April of *start* to 31 March, in India."""

    start: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year if day.month >= APRIL else day.year - 1)

    @property
    def compact(self) -> str:
        """As written in a document number: ``2627``."""
        return f"{self.start % 100:02d}{(self.start + 1) % 100:02d}"

    def __str__(self) -> str:
        """As written in returns and in the IRN: ``2026-27``."""
        return f"{self.start}-{(self.start + 1) % 100:02d}"


@dataclass(frozen=True, slots=True, order=True)
class DocumentNumber:
    """``INV/2627/0000001``: the *sequence*-th document of a series in a financial year, from 1."""

    series: Series
    year: FinancialYear
    sequence: int

    def __post_init__(self) -> None:
        if not 1 <= self.sequence <= SEQUENCE_MAX:
            raise ValueError(f"a series holds 1 to {SEQUENCE_MAX} documents a year")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the number written as *text*, or raise ``NumberInvalid``."""
        found = _OURS.fullmatch(text)
        if found is None:
            raise NumberInvalid(text)
        series, start, end, sequence = found.groups()
        year = FinancialYear(CENTURY + int(start))
        if series not in set(Series) or year.compact != start + end or not int(sequence):
            raise NumberInvalid(text)
        return cls(Series(series), year, int(sequence))

    def __str__(self) -> str:
        return f"{number_prefix(self.series, self.year)}{self.sequence:0{SEQUENCE_DIGITS}d}"


def number_prefix(series: Series, year: FinancialYear) -> str:
    """Return the beginning of every number of *series* in *year*: ``INV/2627/``."""
    return f"{series}/{year.compact}/"


def is_acceptable(text: str) -> bool:
    """
    Whether returns and the invoice registration portal accept *text* as a document's number.

    Upper case only, since both ignore case; the first character is not 0, - or /.
    """
    return _ACCEPTED.fullmatch(text) is not None
