"""The bank's days of a month, for a person who checks them against the list of the year."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.reconciliation.bank_calendar import SATURDAY, SUNDAY
from entrypoints.settings.settings import Settings
from entrypoints.wiring.settlement_terms import settlement_terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDay:
    """A day in India: why the bank is closed (empty: it is open), and when what is captured on it is due."""

    day: date
    closed_for: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BankMonth:
    """The days of a month by the table of *version*; *years* are those of which it holds a holiday."""

    version: str
    years: Sequence[int]
    days: Sequence[BankDay]


def bank_month(settings: Settings, month: date, mid: str | None, method: str | None) -> BankMonth:
    """Return every day of *month*, with the term of *mid* and *method*."""
    terms = settlement_terms_of(settings)
    holidays = settings.bank_holidays_file.days
    _, last = monthrange(month.year, month.month)
    days = [month.replace(day=day) for day in range(1, last + 1)]
    return BankMonth(
        version=terms.calendar.version,
        years=sorted({day.year for day in holidays}),
        days=[
            BankDay(
                day=day,
                closed_for=""
                if terms.calendar.is_working_day(day)
                else holidays.get(day) or _closed_each_month(day),
                due_on=terms.settled_after(day, mid, method),
            )
            for day in days
        ],
    )


def _closed_each_month(day: date) -> str:
    names = {SUNDAY: "Sunday", SATURDAY: "second or fourth Saturday"}
    return names[day.weekday()]
