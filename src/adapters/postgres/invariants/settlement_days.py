"""When sales of the last weeks are due by the bank's calendar, as one value for SQL."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from domain.business_day import business_day_of
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.settlement_terms import END_OF_DAY, SettlementTerms

WEEKS: Final = timedelta(weeks=6)
"""What is older counts as the first day of them: it is due no later, however many holidays there are."""

ANY_METHOD: Final = ""
"""Stands for each method that no term and no MID names."""

USUAL: Final = Agreement(terms=SettlementTerms(calendar=BankCalendar(version="usual")))
"""Settled on the next working day, and no holiday is known."""


def settlement_days(agreement: Agreement, at: datetime) -> str:
    """
    Return as JSON when what was sold in the weeks before *at* is due, method by method.

    *due* has a method, its MID, a business date, its due day, and the last day on which it is not
    overdue. *first* is the first business date, *closed* are the days on which no file comes, *mids* ours.
    Where a cut-off moves a part of a day to the next one, all of that day has the later due day.
    """
    last = business_day_of(at)
    days = [last - WEEKS + timedelta(days=number) for number in range(WEEKS.days + 1)]
    calendar = agreement.terms.calendar
    return json.dumps(
        {
            "first": days[0].isoformat(),
            "due": [
                each for method in _methods(agreement) for each in _due(agreement, method, days)
            ],
            "closed": [each.isoformat() for each in days if not calendar.is_working_day(each)],
            "mids": sorted(agreement.mids),
        }
    )


def _methods(agreement: Agreement) -> list[str]:
    named = {method for _, method in agreement.terms.terms if method is not None}
    return sorted({ANY_METHOD, *named, *agreement.mids_by_method})


def _due(agreement: Agreement, name: str, days: list[date]) -> Iterator[Mapping[str, str | None]]:
    terms, method = agreement.terms, name or None
    mid = agreement.mids_by_method.get(name)
    moved = terms.term_of(mid, method).cut_off != END_OF_DAY
    for day in days:
        due_on = terms.settled_after(day + timedelta(days=moved), mid, method)
        yield {
            "method": name,
            "mid": mid,
            "day": day.isoformat(),
            "due_on": due_on.isoformat(),
            "in_time": terms.in_time_until(due_on).isoformat(),
        }
