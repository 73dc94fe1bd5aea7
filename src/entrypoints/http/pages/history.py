"""A student's payments, newest first: a page of them has an address that can be kept and shared between browsers."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from litestar import Request, get
from litestar.params import QueryParameter
from litestar.response import Template

from domain.payments.payment_state import State
from domain.staff.access import Permission
from entrypoints.http.api.cursor import read_cursor, write_cursor
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import page
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget

ADDRESS: Final = "/payments"
SHOWN: Final = 20


Shown = Literal["all", "success", "failed", "refunded"]
"""Which payments a student wants to see."""

STATES: Final[Mapping[Shown, Collection[State] | None]] = {
    "all": None,
    "success": (State.SUCCESS, State.PARTIALLY_REFUNDED),
    "failed": (State.FAILED, State.EXPIRED),
    "refunded": (State.REFUNDED, State.PARTIALLY_REFUNDED),
}
FILTER_WORDS: Final[Mapping[Shown, str]] = {
    "all": "All",
    "success": "Paid",
    "failed": "Not paid",
    "refunded": "Refunded",
}
STATE_WORDS: Final[Mapping[State, str]] = {
    State.PENDING: "Waiting for payment",
    State.PROCESSING: "Being confirmed",
    State.SUCCESS: "Paid",
    State.FAILED: "Did not go through",
    State.EXPIRED: "Time to pay ran out",
    State.PARTIALLY_REFUNDED: "Partly refunded",
    State.REFUNDED: "Refunded",
}
"""What a student reads for each state of a payment."""


@get(
    ADDRESS,
    opt=opened_to(Permission.SEE_OWN_PAYMENTS, Budget.READ, page=True),
    include_in_schema=False,
)
async def history(
    request: Request[Caller, Any, Any],
    deps: Deps,
    show: Annotated[Shown, QueryParameter(required=False)] = "all",
    cursor: Annotated[str | None, QueryParameter(required=False)] = None,
) -> Template:
    """Show one page of the student's payments, all or those that *show* names."""
    found = await deps.payments.history(
        request.user.id,
        after=read_cursor(cursor) if cursor is not None else None,
        states=STATES[show],
        at_most=SHOWN,
    )
    return page(
        request,
        "history.html",
        payments=found.items,
        filters=[(_address(each), word, each == show) for each, word in FILTER_WORDS.items()],
        is_filtered=show != "all",
        is_first=cursor is None,
        first=_address(show),
        older=_address(show, write_cursor(found.next)) if found.next is not None else None,
        state_words=STATE_WORDS,
    )


def _address(show: Shown, cursor: str | None = None) -> str:
    wanted: dict[str, str] = {} if show == "all" else {"show": show}
    if cursor is not None:
        wanted["cursor"] = cursor
    return f"{ADDRESS}?{urlencode(wanted)}" if wanted else ADDRESS
