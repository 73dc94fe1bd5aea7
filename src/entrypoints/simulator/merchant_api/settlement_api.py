"""
The bank's settlement reports, with the credentials of the order API.

``GET /settlements?date=2026-11-13&format=json|csv&page=1&rail=upi|card&mid=``: 200 with a page of the report; 202 and
``Retry-After`` while it is not ready; 204 when nothing was settled on that day; 404 for an unknown MID. ``X-Page``
and ``X-Pages`` say which page it is, in either format.
"""

from datetime import date, datetime
from typing import Annotated, Final, TypeVar

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromQuery, QueryParameter

from entrypoints.simulator.merchant_api.authentication import check_credentials
from entrypoints.simulator.refusals import ApiRefusal, invalid_fields, undocumented_refusal
from entrypoints.simulator.settlement.bank_calendar import ist_day
from entrypoints.simulator.settlement.published import BeyondLastPage, ReportQuery
from entrypoints.simulator.settlement.reports import Rail, ReportFormat
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank

AnyRequest = Request[object, object, State]
RETRY_SECONDS_MAX: Final = 3600
Word = TypeVar("Word", ReportFormat, Rail)


@get("/settlements")
async def read_settlements(
    request: AnyRequest,
    bank: TheBank,
    *,
    date_written: Annotated[str, QueryParameter(name="date")] = "",
    form: Annotated[str, QueryParameter(name="format")] = "json",
    page: FromQuery[str] = "1",
    rail: FromQuery[str | None] = None,
    mid: FromQuery[str | None] = None,
) -> Response[bytes]:
    check_credentials(dict(request.headers.items()), bank.config)
    day = _day(date_written)
    format_ = _one_of(ReportFormat, "format", form)
    if not (page.isascii() and page.isdigit()):
        raise invalid_fields([("page", "a number from 1")])
    track = Rail.UPI if rail is None else _one_of(Rail, "rail", rail)
    codes = bank.config.settlement.codes
    if mid is not None and mid not in {each.mid for each in codes.values()}:
        raise undocumented_refusal(404, "No such MID")
    query = ReportQuery(
        day=day, form=format_, rail=None if rail is None else track, mid=mid, page=int(page)
    )

    now = bank.clock()
    bank.settlements.catch_up(now)
    if not bank.publisher.settlements(query):
        return _none_yet(bank, day)
    held_until = bank.publisher.held_back_until(day)
    if held_until is not None and now < held_until:
        return _not_ready(held_until, now)
    try:
        body, shown = bank.publisher.page(query)
    except BeyondLastPage:
        raise invalid_fields([("page", "beyond the last page")]) from None
    return Response(
        body,
        media_type="application/json" if format_ is ReportFormat.JSON else "text/csv",
        headers={"X-Page": str(shown.number), "X-Pages": str(shown.pages)},
    )


def _none_yet(bank: SimulatedBank, day: date) -> Response[bytes]:
    """Answer that nothing was settled, or that it is not known yet."""
    now, ready_at = bank.clock(), bank.settlements.ready_at(day)
    is_over = day < ist_day(now) or now >= ready_at
    if is_over or not bank.terms.calendar.is_working_day(day):
        return Response(b"", status_code=204)
    return _not_ready(ready_at, now)


def _not_ready(ready_at: datetime, now: datetime) -> Response[bytes]:
    seconds = min(RETRY_SECONDS_MAX, max(1, int((ready_at - now).total_seconds())))
    return Response(b"", status_code=202, headers={"Retry-After": str(seconds)})


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise invalid_fields([("date", "write it as 2026-11-13")]) from None


def _one_of(words: type[Word], name: str, written: str) -> Word:
    try:
        return words(written)
    except ValueError:
        raise _unknown(name, ", ".join(words)) from None


def _unknown(name: str, words: str) -> ApiRefusal:
    return invalid_fields([(name, f"one of {words}")])


SETTLEMENT_API: Final = (read_settlements,)
