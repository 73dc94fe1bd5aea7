"""The console's list of discrepancies: by what waits, by filters in the address, the gravest first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response

from domain.reconciliation.both_sides import both_sides
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner
from domain.text.card_number import CardNumberRefused, refuse_card_numbers
from entrypoints.http import problem_types
from entrypoints.http.api.discrepancies import DAYS_MAX, SEARCH_MAX
from entrypoints.http.api.discrepancy_cursor import (
    read_discrepancy_cursor,
    write_discrepancy_cursor,
)
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.discrepancy_words import (
    CAUSE_WORDS,
    OWNER_WORDS,
    STATE_WORDS,
    SUBJECT_WORDS,
    TYPE_WORDS,
)
from entrypoints.http.console.places import DISCREPANCIES
from entrypoints.http.console.words import amount_of, count_of
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from ports.reconciliation.discrepancy_queries import DiscrepancyFilter, DiscrepancyOrder
from ports.staff.waiting_work import WorkKind

SHOWN: Final = 20
FIELDS: Final = ("view", "q", "type", "cause", "owner", "days", "order")
OPEN: Final = frozenset(each for each in DiscrepancyState if each.is_open)
VIEWS: Final[Mapping[str, tuple[str, frozenset[DiscrepancyState]]]] = {
    "": ("Open", OPEN),
    "proposed": ("Wait for a second person", frozenset()),
    "closed": ("Closed", frozenset(DiscrepancyState) - OPEN),
    "all": ("All", frozenset()),
}
"""What a tab is called, and which states it is about; empty for every state."""

AGES: Final[Mapping[str, str]] = {
    "": "Any age",
    "1": "1 day or more",
    "2": "2 days or more",
    "4": "4 days or more",
    "7": "7 days or more",
    "30": "30 days or more",
}
ORDERS: Final[Mapping[str, str]] = {"": "Gravest first", DiscrepancyOrder.FOUND: "Newest first"}
Word = TypeVar("Word", bound=StrEnum)


@get(DISCREPANCIES, opt=opened("GET", DISCREPANCIES), include_in_schema=False)
async def discrepancies(request: PageRequest, deps: Deps) -> Response[Any]:
    """
    Show a page of discrepancies; what waits for a second person stands in a tab of its own.

    Filters that cannot be meant are said at the form, with all that was typed.
    """
    asked = {name: request.query_params.get(name, "").strip() for name in FIELDS}
    cursor = request.query_params.get("cursor") or None
    now = deps.clock.now()
    try:
        wanted = wanted_of(asked, now)
        order = DiscrepancyOrder(asked["order"] or DiscrepancyOrder.PRIORITY)
    except (HttpProblem, CardNumberRefused) as refusal:
        problem = problem_of(refusal)
        # A card number is not shown again, and stays in no field.
        kept = asked | {"q": ""} if problem.kind is problem_types.CARD_NUMBER else asked
        return console_page(
            request,
            "discrepancies.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            asked=kept,
            fault=problem.detail,
            tabs=_tabs(kept, await _counts(deps, now)),
            rows=(),
            **LAID_OUT,
        )
    page = await deps.discrepancies.queries.page(
        wanted,
        order=order,
        at=now,
        after=read_discrepancy_cursor(cursor) if cursor is not None else None,
        at_most=SHOWN,
    )
    older = write_discrepancy_cursor(page.next) if page.next else None
    return console_page(
        request,
        "discrepancies.html",
        asked=asked,
        fault="",
        tabs=_tabs(asked, await _counts(deps, now)),
        tags=tags(asked),
        rows=[DiscrepancyRow.of(each, now) for each in page.items],
        is_first=cursor is None,
        first=address(asked),
        next=address(asked, cursor=older) if older else None,
        **LAID_OUT,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyRow:
    """One line of a table; amounts are text, empty where nothing is compared on that side."""

    discrepancy: Discrepancy
    ours: str
    bank: str
    difference: str
    is_overdue: bool

    @classmethod
    def of(cls, discrepancy: Discrepancy, now: datetime) -> Self:
        sides = both_sides(discrepancy.finding)
        return cls(
            discrepancy=discrepancy,
            ours=amount_of(sides.ours_paise),
            bank=amount_of(sides.bank_paise),
            difference=amount_of(discrepancy.finding.difference_paise),
            is_overdue=discrepancy.is_overdue(now),
        )


def wanted_of(asked: Mapping[str, str], now: datetime) -> DiscrepancyFilter:
    """Return what the fields of the form say, or raise ``HttpProblem`` or ``CardNumberRefused``."""
    refuse_card_numbers("q", asked["q"])
    if asked["view"] not in VIEWS or asked["order"] not in ORDERS or len(asked["q"]) > SEARCH_MAX:
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such list.")
    days = asked["days"]
    if days and not (days.isascii() and days.isdecimal() and int(days[:5]) <= DAYS_MAX):
        raise HttpProblem(problem_types.REQUEST_INVALID, f"Days are 0 to {DAYS_MAX}.")
    # Whoever has an id wants what it names, be it closed.
    states = VIEWS[asked["view"]][1] if asked["view"] or not asked["q"] else frozenset()
    return DiscrepancyFilter(
        types=_chosen(asked["type"], DiscrepancyType),
        causes=_chosen(asked["cause"], Cause),
        owners=_chosen(asked["owner"], Owner),
        states=states,
        proposed=asked["view"] == "proposed",
        found_before=now - timedelta(days=int(days)) if days else None,
        search=asked["q"] or None,
    )


def tags(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each filter that narrows the list: in words, and the address without it."""
    said = {
        "q": asked["q"],
        "type": TYPE_WORDS.get(DiscrepancyType(asked["type"]), "") if asked["type"] else "",
        "cause": CAUSE_WORDS[Cause(asked["cause"])][0] if asked["cause"] else "",
        "owner": f"For {OWNER_WORDS[Owner(asked['owner'])]}" if asked["owner"] else "",
        "days": f"Found {asked['days']} or more days ago" if asked["days"] else "",
    }
    return [(word, address({**asked, name: ""})) for name, word in said.items() if word]


def address(asked: Mapping[str, str], **more: str) -> str:
    """Return the address of the list with these filters; it can be kept and shared."""
    said = {name: value for name, value in {**asked, **more}.items() if value}
    return f"{DISCREPANCIES}?{urlencode(said)}" if said else DISCREPANCIES


async def _counts(deps: Dependencies, now: datetime) -> Mapping[str, str]:
    """Return how much there is in the tabs in which work waits, whoever proposed it."""
    waiting = {each.kind: each for each in await deps.waiting_work.waiting("", now)}
    overdue, open_ = waiting.get(WorkKind.OVERDUE_DISCREPANCY), waiting.get(WorkKind.DISCREPANCY)
    proposed = waiting.get(WorkKind.RESOLUTION_APPROVAL)
    told = [f"{count_of(overdue)} overdue"] if overdue else []
    told += [f"{count_of(open_)} in time"] if open_ else []
    return {
        "": f" ({', '.join(told)})" if told else "",
        "proposed": f" ({count_of(proposed)})" if proposed else "",
    }


def _tabs(asked: Mapping[str, str], counts: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    return [
        (address({**asked, "view": view}), f"{word}{counts.get(view, '')}", asked["view"] == view)
        for view, (word, _) in VIEWS.items()
    ]


def _chosen(text: str, words: type[Word]) -> frozenset[Word]:
    if not text:
        return frozenset()
    known: Collection[str] = set(words)
    if text not in known:
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such filter.")
    return frozenset({words(text)})


LAID_OUT: Final[Mapping[str, Any]] = {
    "types": TYPE_WORDS,
    "causes": CAUSE_WORDS,
    "owners": OWNER_WORDS,
    "states": STATE_WORDS,
    "subjects": SUBJECT_WORDS,
    "ages": AGES,
    "orders": ORDERS,
    "search_max": SEARCH_MAX,
}
