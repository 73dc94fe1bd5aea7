"""Format values for emails: one line each, rows of a table, instants in Indian time."""

import unicodedata
from calendar import month_name
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.business_day import IST
from domain.text.language import IN_ENGLISH, Translations

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


def moment(at: datetime, say: Translations = IN_ENGLISH) -> str:
    """Return an instant in Indian Standard Time."""
    local = at.astimezone(IST)
    return f"{on_day(local, say)}, {local:%H:%M} IST"


def on_day(day: date, say: Translations = IN_ENGLISH) -> str:
    """Return a day as people write it: ``03 August 2026``."""
    return f"{day:%d} {say(month_name[day.month])} {day.year}"


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
