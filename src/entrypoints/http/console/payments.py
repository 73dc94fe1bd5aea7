"""The console's list of payments: one box for any id, filters in the address, newest first."""

import re
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.payments.payment_state import State
from domain.payments.search_term import SEARCH_CHARS_MAX
from domain.text.card_number import CardNumberRefused
from entrypoints.http import problem_types
from entrypoints.http.api.cursor import write_cursor
from entrypoints.http.api.instants import CREATED_FROM, CREATED_TO, read_period, wrong
from entrypoints.http.api.payment_search import (
    AMOUNT_CHARS_MAX,
    DAYS_MAX,
    PaymentsWanted,
    found_payments,
)
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import PAYMENTS
from entrypoints.http.console.words import PAYMENT_WORDS, method_word
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem

SHOWN: Final = 20
MINUTE_CHOSEN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
FIELDS: Final[Mapping[str, str]] = {
    "q": "Search",
    "status": "State",
    "from": "From",
    "to": "To",
    "created_from": "Begun at or after",
    "created_to": "Begun before",
    "amount_from": "From ₹",
    "amount_to": "To ₹",
}
"""The filters in the address, with what people call them."""


@get(PAYMENTS, opt=opened("GET", PAYMENTS), include_in_schema=False)
async def payments(request: PageRequest, deps: Deps) -> Response[Any]:
    """
    Show a page of payments, or the one payment that a search term names.

    Filters that cannot be meant are said at the form, with all that was typed.
    """
    asked = {name: request.query_params.get(name, "").strip() for name in FIELDS}
    cursor = request.query_params.get("cursor") or None
    try:
        wanted = wanted_of(asked).with_usual_period(deps.clock.now())
        found = await found_payments(deps, wanted, cursor, SHOWN)
    except (HttpProblem, CardNumberRefused) as refusal:
        problem = problem_of(refusal)
        if problem.kind not in TOLD_AT_THE_FORM:
            raise
        # A card number is not shown again, and stays in no field.
        kept = asked | {"q": ""} if problem.kind is problem_types.CARD_NUMBER else asked
        return console_page(
            request,
            "payments.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            asked=kept,
            fault=problem.detail,
            payments=(),
            **LAID_OUT,
        )
    if wanted.search and cursor is None and len(found.items) == 1:
        (only,) = found.items
        return Redirect(f"{PAYMENTS}/{only.transaction_id}", status_code=HTTP_303_SEE_OTHER)
    return console_page(
        request,
        "payments.html",
        asked=asked,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        created_from=wanted.created_from,
        created_to=wanted.created_to,
        tags=tags(asked),
        fault="",
        payments=found.items,
        is_first=cursor is None,
        first=address(asked),
        older=address(asked, cursor=write_cursor(found.next)) if found.next else None,
        **LAID_OUT,
    )


def wanted_of(asked: Mapping[str, str]) -> PaymentsWanted:
    """Return what the fields of the form say, or raise ``HttpProblem``."""
    state = asked["status"]
    if state and state not in set(State):
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such state.")
    begin, end = (_instant_text(asked[name]) for name in (CREATED_FROM, CREATED_TO))
    if (begin or end) and (asked["from"] or asked["to"]):
        raise wrong(CREATED_FROM, "A period is told in days or in times, not in both.")
    created_from, created_to = read_period(begin, end)
    return PaymentsWanted(
        search=asked["q"],
        state=State(state) if state else None,
        first_day=_day(asked["from"]),
        last_day=_day(asked["to"]),
        lowest=asked["amount_from"][:AMOUNT_CHARS_MAX],
        highest=asked["amount_to"][:AMOUNT_CHARS_MAX],
        created_from=created_from,
        created_to=created_to,
    )


def tags(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each filter that narrows the list: in words, and the address without it."""
    return [
        (
            f"{FIELDS[name]} {PAYMENT_WORDS[State(value)] if name == 'status' else value}",
            address({**asked, name: ""}),
        )
        for name, value in asked.items()
        if value
    ]


def address(asked: Mapping[str, str], **more: str) -> str:
    """Return the address of the list with these filters; it can be kept and shared."""
    said = {name: value for name, value in {**asked, **more}.items() if value}
    return f"{PAYMENTS}?{urlencode(said)}" if said else PAYMENTS


def _instant_text(text: str) -> str:
    """Return a minute that was chosen, which is of India, as an instant; anything else as it is."""
    return f"{text}:00+05:30" if MINUTE_CHOSEN.fullmatch(text) else text


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HttpProblem(
            problem_types.REQUEST_INVALID, "A day is written like 2026-08-03."
        ) from None


TOLD_AT_THE_FORM: Final = frozenset({problem_types.REQUEST_INVALID, problem_types.CARD_NUMBER})
LAID_OUT: Final[Mapping[str, Any]] = {
    "states": PAYMENT_WORDS,
    "method_word": method_word,
    "search_chars_max": SEARCH_CHARS_MAX,
    "days_max": DAYS_MAX,
}
