"""One payment of a student's own: its price, how it was paid, what has happened, and what to do about it."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.evidence.check_status import may_still_move
from domain.errors import DomainError, NotFound
from domain.staff.access import Permission
from entrypoints.http.api.payment import cancelled, named, status_of
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import page
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.pages.result import shown
from entrypoints.http.pages.timeline import timeline_of
from entrypoints.http.problems import Problem
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget

Looking = Request[Caller, Any, Any]


@get("/", opt=opened_to(Permission.SEE_OWN_PAYMENTS, Budget.READ, page=True))
async def payment(request: Looking, transaction_id: FromPath[str], deps: Deps) -> Template:
    """Show everything about the payment, read afresh from the bank while money may still move."""
    return await _page(request, transaction_id, deps)


@post(
    "/check",
    status_code=HTTP_303_SEE_OTHER,
    opt=opened_to(Permission.SEE_OWN_PAYMENTS, Budget.READ, page=True),
)
async def check(request: Looking, transaction_id: FromPath[str], deps: Deps) -> Redirect:
    """Ask the bank how the payment stands, unless it was asked just now, and show the page again."""
    view = await status_of(request, transaction_id, deps)
    return Redirect(f"/payments/{view.transaction_id}#standing", status_code=HTTP_303_SEE_OTHER)


@post(
    "/cancel",
    status_code=HTTP_303_SEE_OTHER,
    opt=opened_to(Permission.PAY, Budget.INITIATE, page=True),
)
async def cancel(request: Looking, transaction_id: FromPath[str], deps: Deps) -> Response[Any]:
    """End the open payment, and show it ended; a refusal is told on its page."""
    try:
        ended = await cancelled(request, transaction_id, deps)
    except NotFound:
        raise
    except DomainError as error:
        return await _page(request, transaction_id, deps, problem_of(error))
    return Redirect(f"/payments/{ended.id}#standing", status_code=HTTP_303_SEE_OTHER)


async def _page(
    request: Looking, transaction_id: str, deps: Dependencies, problem: Problem | None = None
) -> Template:
    view = await status_of(request, transaction_id, deps)
    details = await deps.payments.details(named(transaction_id), request.user.id)
    return page(
        request,
        "payment.html",
        status=problem.kind.status if problem else HTTPStatus.OK,
        details=details,
        timeline=timeline_of(view),
        may_check=may_still_move(view, deps.clock.now()),
        **shown(view, problem=problem, silent=deps.evidence.read_suspended_for() is not None),
    )


payment_page_routes = Router(
    "/payments/{transaction_id:str}",
    route_handlers=[payment, check, cancel],
    include_in_schema=False,
)
