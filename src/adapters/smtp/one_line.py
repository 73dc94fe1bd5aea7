"""Format values for emails: one line each, rows of a table, instants in Indian time."""

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
    """One row of a table; *strong* prints it in bold."""

    label: str
    value: str
    strong: bool = False

    @property
    def is_short(self) -> bool:
        """Whether the value fits beside its label on a phone, so that an id is not broken."""
        return len(self.value) <= SHORT_MAX


def moment(at: datetime) -> str:
    """Return an instant in Indian Standard Time."""
    return f"{at.astimezone(IST):%d %B %Y, %H:%M} IST"


def one_line(text: str) -> str:
    """Return *text* without characters that break a line or change the reading direction."""
    kept = (
        mark if mark in _JOINERS or unicodedata.category(mark) not in _UNPRINTABLE else " "
        for mark in text
    )
    return " ".join("".join(kept).split())


def cut(text: str, longest: int) -> str:
    """Return *text* in at most *longest* characters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
