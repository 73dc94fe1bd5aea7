"""The page a student comes back to: truthful about what is known, and patient about what is not."""

from typing import Any, Final

from litestar import get
from litestar.params import FromPath
from litestar.response import Template

from domain.access import Permission
from domain.failure import Failure
from domain.payment_state import State
from entrypoints.http.api.payment import status_of
from entrypoints.http.door import AtTheDoor
from entrypoints.http.guards import public
from entrypoints.http.pages.page import PageRequest, page
from ports.payment_queries import StatusView

AGAIN: Final = "again"


@get("/result/{transaction_id:str}", opt=public(page=True), include_in_schema=False)
async def result(request: PageRequest, transaction_id: FromPath[str], door: AtTheDoor) -> Template:
    """Show how the payment stands; whoever is not signed in is told how to get there."""
    if request.user is None:
        # Coming from the bank, a browser may leave the cookie out once; a step on our own site
        # brings it back.
        once_more = AGAIN not in request.query_params
        return page(request, "come_in.html", transaction_id=transaction_id, once_more=once_more)
    request.user.check(Permission.SEE_OWN_PAYMENTS)
    view = await status_of(request, transaction_id, door)
    return page(request, "result.html", view=view, hint=hint_of(view), **_standing(view))


def hint_of(view: StatusView) -> str:
    """Return what the student can do about a payment that came to nothing."""
    if view.failure_reason is None:
        return ""
    try:
        return Failure(view.failure_reason).hint
    except ValueError:
        return ""


def _standing(view: StatusView) -> dict[str, Any]:
    state = State(view.status)
    return {
        "waiting": state.is_live,
        "paid": state is State.SUCCESS,
        "failed": state is State.FAILED,
        "expired": state is State.EXPIRED,
        "untouched": state is State.PENDING,
    }
