"""When the bank settles: its cut-off, the working days it takes by MID and method, and the grace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from domain.business_day import IST
from domain.reconciliation.bank_calendar import BankCalendar

END_OF_DAY: Final = time.max
"""The usual cut-off: a day ends at midnight in India."""

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTerm:
    """
    Settled *working_days* after the business date (T+1 is 1).

    What is captured after *cut_off* (IST) belongs to the next day.
    """

    working_days: int = 1
    cut_off: time = END_OF_DAY


USUAL_TERM: Final = SettlementTerm()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTerms:
    """
    The calendar of the payout branch, and the term of each MID and method.

    *terms* is keyed by MID and method; ``None`` stands for any. The more exact key wins, the MID
    before the method. *file_grace* and *credit_grace* are working days after which it is overdue.
    """

    calendar: BankCalendar
    terms: Mapping[tuple[str | None, str | None], SettlementTerm] = field(
        default_factory=lambda: MappingProxyType({})
    )
    file_grace: int = 0
    credit_grace: int = 1

    def term_of(self, mid: str | None, method: str | None) -> SettlementTerm:
        """Return what was agreed for *mid* and *method*."""
        for key in ((mid, method), (mid, None), (None, method), (None, None)):
            if key in self.terms:
                return self.terms[key]
        return USUAL_TERM

    def business_date_of(self, at: datetime, mid: str | None, method: str | None) -> date:
        """Return the day to which the bank counts what happened *at* this instant."""
        local = at.astimezone(IST)
        cut_off = datetime.combine(local, self.term_of(mid, method).cut_off, IST)
        late = local >= cut_off
        return local.date() + ONE_DAY if late else local.date()

    def due_on(self, at: datetime, mid: str | None, method: str | None) -> date:
        """Return the day on which a capture or refund of *at* has to be settled."""
        return self.settled_after(self.business_date_of(at, mid, method), mid, method)

    def settled_after(self, business_date: date, mid: str | None, method: str | None) -> date:
        """Return the day on which what belongs to *business_date* has to be settled."""
        days = self.term_of(mid, method).working_days
        return self.calendar.add_working_days(business_date, days)

    def is_overdue(self, due_on: date, today: date, complete_until: date | None) -> bool:
        """
        Whether what was *due_on* is missing on *today*, the business day of the reconciliation.

        *complete_until* is the latest settlement day of a complete file of the MID. Without such a
        file at or after the due day nothing is missing: absence proves nothing.
        """
        if complete_until is None or complete_until < due_on:
            return False
        return today > self.in_time_until(due_on)

    def in_time_until(self, due_on: date) -> date:
        """Return the last day on which a file with what was *due_on* is still in time."""
        return _with_grace(self.calendar, due_on, self.file_grace)

    def credit_due_on(self, settled_on: date) -> date:
        """Return the last working day on which the credit for a settlement is still in time."""
        return _with_grace(self.calendar, settled_on, self.credit_grace)


def _with_grace(calendar: BankCalendar, day: date, working_days: int) -> date:
    return day if working_days == 0 else calendar.add_working_days(day, working_days)
