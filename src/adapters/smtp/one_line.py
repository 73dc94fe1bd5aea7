"""Figures and words as a letter shows them: on one line, in a table, on a day in India."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.business_day import IST

SHORT_MAX: Final = 20

_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")  # several Indian scripts cannot be spelt without


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: *strong* for a sum."""

    label: str
    value: str
    strong: bool = False

    @property
    def is_short(self) -> bool:
        """Whether the value fits beside its label on any phone, and an id in it stays in one piece."""
        return len(self.value) <= SHORT_MAX


def moment(at: datetime) -> str:
    """Return an instant as a clock in India shows it."""
    return f"{at.astimezone(IST):%d %B %Y, %H:%M} IST"


def one_line(text: str) -> str:
    """Return *text* without what could break a line, or turn the reading order of the next words."""
    kept = (
        mark if mark in _JOINERS or unicodedata.category(mark) not in _UNPRINTABLE else " "
        for mark in text
    )
    return " ".join("".join(kept).split())


def cut(text: str, longest: int) -> str:
    """Return *text* in at most *longest* letters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
