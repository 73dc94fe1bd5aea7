"""Instants in a query: RFC 3339 with an offset, so that nobody guesses whose midnight is meant."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from litestar.params import QueryParameter

from entrypoints.http import problem_types
from entrypoints.http.faults import FaultCode, errors, parameter_fault
from entrypoints.http.problems import HttpProblem

INSTANT_CHARS_MAX: Final = 40
YEARS: Final = range(2000, 2100)
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
CREATED_FROM: Final = "created_from"
CREATED_TO: Final = "created_to"
FROM_ABOUT: Final = (
    "Only payments with `opened_at` at this instant or later: RFC 3339 with an offset,"
    " `2026-11-30T00:00:00%2B05:30` or `2026-11-29T18:30:00Z`."
)
TO_ABOUT: Final = "Only payments with `opened_at` before this instant, which is not included."
CreatedFrom = Annotated[str, QueryParameter(max_length=INSTANT_CHARS_MAX, description=FROM_ABOUT)]
CreatedTo = Annotated[str, QueryParameter(max_length=INSTANT_CHARS_MAX, description=TO_ABOUT)]


def read_period(created_from: str, created_to: str) -> tuple[datetime | None, datetime | None]:
    """Return both instants in UTC, None for an empty text, or raise ``HttpProblem``; the end is not included."""
    begin, end = _instant(CREATED_FROM, created_from), _instant(CREATED_TO, created_to)
    if begin is not None and end is not None and begin >= end:
        raise wrong(CREATED_FROM, "The period ends before it begins, or at once.")
    return begin, end


def wrong(field: str, said: str) -> HttpProblem:
    """Return the refusal of the query parameter *field*."""
    fault = parameter_fault(field, FaultCode.INVALID, said)
    return HttpProblem(problem_types.REQUEST_INVALID, said, members=errors(fault))


def _instant(field: str, text: str) -> datetime | None:
    if not text:
        return None
    if not _RFC_3339.fullmatch(text):
        hint = " In a query the sign + is written %2B." if " " in text else ""
        raise wrong(
            field, f"That is no instant with an offset, such as 2026-11-30T00:00:00+05:30.{hint}"
        )
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError:
        raise wrong(field, "There is no such day or time.") from None
    if instant.year not in YEARS:
        raise wrong(field, f"Instants are of the years {YEARS[0]} to {YEARS[-1]}.")
    return instant.astimezone(UTC)
