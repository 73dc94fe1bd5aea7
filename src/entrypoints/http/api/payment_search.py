"""The payments of all students for staff: searched by any id, filtered, page by page."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from domain.business_day import business_day_of, business_day_start
from domain.money import Money, MoneyNotExact
from domain.payments.payment_state import State
from domain.payments.search_term import SEARCH_CHARS_MAX, SearchTerm
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.cursor import read_cursor, write_cursor
from entrypoints.http.api.instants import (
    CREATED_FROM,
    YEARS,
    CreatedFrom,
    CreatedTo,
    read_period,
    wrong,
)
from entrypoints.http.api.payment import PAGE_USUAL
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, answers
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.rate_limits import Budget
from ports.payments.payment_search import FOUND_MAX, FoundPayment, FoundPayments, PaymentFilter

DAYS_USUAL: Final = 7
DAYS_MAX: Final = 93
"""Without a search term so many days are looked through at most."""

AMOUNT_CHARS_MAX: Final = 20


class PaymentsFound(msgspec.Struct, frozen=True, kw_only=True):
    """
    A page of payments, the newest first; `next` null on the last.

    They were begun from `first_day` to `last_day`, days in India, both included; null where a search term
    looks through all, or instants were asked for.
    """

    items: Sequence[FoundPayment]
    next: str | None
    first_day: date | None
    last_day: date | None


class PaymentsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """
    What staff ask for, in a person's words: days in India, both included, and rupees as text.

    Instants (UTC) in place of the days bound the period to the second; the later one is not included.
    """

    search: str = ""
    state: State | None = None
    first_day: date | None = None
    last_day: date | None = None
    lowest: str = ""
    highest: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None

    def filter(self) -> PaymentFilter:
        """Return what the search takes, or raise ``HttpProblem`` or ``CardNumberRefused``."""
        first, last = self.first_day, self.last_day
        if any(day is not None and day.year not in YEARS for day in (first, last)):
            raise wrong("from", f"Days are of the years {YEARS[0]} to {YEARS[-1]}.")
        if first is not None and last is not None and first > last:
            raise wrong("from", "The first day is after the last one.")
        lowest, highest = _amount("amount_from", self.lowest), _amount("amount_to", self.highest)
        if lowest is not None and highest is not None and lowest > highest:
            raise wrong("amount_from", "The lowest amount is more than the highest.")
        term = SearchTerm.read(self.search)
        if term is None and not self._is_short:
            raise wrong(
                "from", f"Without a search term at most {DAYS_MAX} days are looked through."
            )
        return PaymentFilter(
            term=term,
            state=self.state,
            opened_from=business_day_start(first) if first else self.created_from,
            opened_before=business_day_start(last + timedelta(days=1)) if last else self.created_to,
            lowest=lowest,
            highest=highest,
        )

    @property
    def _is_short(self) -> bool:
        first, last = self.first_day, self.last_day
        if first is not None and last is not None:
            return (last - first).days < DAYS_MAX
        begin, end = self.created_from, self.created_to
        return begin is not None and end is not None and end - begin <= timedelta(days=DAYS_MAX)

    def with_usual_period(self, now: datetime) -> "PaymentsWanted":
        """Return the same over the usual days up to *now*, as far as neither period nor search term are given."""
        if self.search.strip():
            return self
        if self.created_from is not None or self.created_to is not None:
            end = self.created_to or max(now, self.created_from or now)
            begin = self.created_from or end - timedelta(days=DAYS_USUAL)
            return msgspec.structs.replace(self, created_from=begin, created_to=end)
        today = business_day_of(now)
        last = self.last_day or max(today, self.first_day or today)
        usual = timedelta(days=min(DAYS_USUAL - 1, last.toordinal() - 1))
        first = self.first_day or last - usual
        return msgspec.structs.replace(self, first_day=first, last_day=last)


async def found_payments(
    deps: Dependencies, wanted: PaymentsWanted, cursor: str | None, at_most: int
) -> FoundPayments:
    """Return the page of what is *wanted* behind *cursor*, or raise as ``PaymentsWanted.filter`` does."""
    return await deps.search.find(
        wanted.filter(),
        after=read_cursor(cursor) if cursor is not None else None,
        at_most=at_most,
    )


@get(
    "/payments",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="Search payments",
    operation_id="search_payments",
    responses=answers(
        HTTPStatus.OK,
        PaymentsFound,
        examples.FOUND,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        problem_types.CARD_NUMBER,
        *ALWAYS,
    ),
)
async def search_payments(  # noqa: PLR0917 - the framework names them all
    deps: Deps,
    q: Annotated[
        str,
        QueryParameter(
            max_length=SEARCH_CHARS_MAX,
            description="Any id, whole: ours of a payment or refund (or an address that holds one), the bank's"
            " transaction id, an RRN or ARN, a document's number, the client reference, the student's id, email or"
            " telephone number.",
        ),
    ] = "",
    status: Annotated[
        State | None, QueryParameter(required=False, description="Only these.")
    ] = None,
    first_day: Annotated[
        date | None,
        QueryParameter(
            name="from",
            required=False,
            description="First day (India); usually six days before `to`.",
        ),
    ] = None,
    last_day: Annotated[
        date | None,
        QueryParameter(name="to", required=False, description="Last day; usually today."),
    ] = None,
    amount_from: Annotated[
        str, QueryParameter(max_length=AMOUNT_CHARS_MAX, description="Lowest price in rupees.")
    ] = "",
    amount_to: Annotated[
        str, QueryParameter(max_length=AMOUNT_CHARS_MAX, description="Highest price in rupees.")
    ] = "",
    created_from: CreatedFrom = "",
    created_to: CreatedTo = "",
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=FOUND_MAX, description="Most items.")
    ] = PAGE_USUAL,
) -> PaymentsFound:
    """
    Return payments of all students, newest first, page by page.

    A search term looks through all days unless some are given; without one at most 93 days are. In place of the
    days `from` and `to` instants may be given.
    """
    period = read_period(created_from, created_to)
    if any(period) and (first_day or last_day):
        raise wrong(CREATED_FROM, "A period is told in days or in instants, not in both.")
    wanted = PaymentsWanted(
        search=q,
        state=status,
        first_day=first_day,
        last_day=last_day,
        lowest=amount_from,
        highest=amount_to,
        created_from=period[0],
        created_to=period[1],
    ).with_usual_period(deps.clock.now())
    found = await found_payments(deps, wanted, cursor, limit)
    return PaymentsFound(
        items=found.items,
        next=write_cursor(found.next) if found.next is not None else None,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
    )


def _amount(field: str, text: str) -> Money | None:
    plain = text.replace(",", "").replace("₹", "").strip()
    if not plain:
        return None
    try:
        return Money.from_rupees(plain)
    except MoneyNotExact:
        raise wrong(field, "That is no amount in rupees, such as 1180.00.") from None


search_routes = Router("/api/admin", route_handlers=[search_payments], tags=["Payments"])
