"""The result page, to which a student returns: it shows what is known, and reloads until it is final."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.errors import DomainError, NotFound
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.idempotency import is_key
from entrypoints.http.api.payment import retried, status_of
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest, page
from entrypoints.http.pages.live_updates import awaits_documents, awaits_news, version_of
from entrypoints.http.pages.paying import leave_for, new_key, problem_of
from entrypoints.http.problems import HttpProblem, Problem
from entrypoints.http.security.guards import opened_to, public
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.payments.payment_queries import StatusView

AGAIN: Final = "again"
ANSWERED: Final = "answered"
"""Put into the address of who comes back from a bank that has told how the order stands."""

REFUND_WORDS: Final[Mapping[RefundState, str]] = {
    RefundState.REQUESTED: "is being asked for at the bank.",
    RefundState.PENDING: "is on its way back to the account or card you paid with.",
    RefundState.MANUAL_REVIEW: "is being checked by the bank by hand.",
    RefundState.SUCCESS: "has been given back by the bank, to the account or card you paid with.",
    RefundState.FAILED: "could not be given back by the bank. Our team is on it.",
}
"""What a student is told of a refund in each state that they see."""

Buying = Request[Caller, Any, Any]


@get("/result/{transaction_id:str}", opt=public(page=True), include_in_schema=False)
async def result(request: PageRequest, transaction_id: FromPath[str], deps: Deps) -> Template:
    """Show the status of the payment; a student who is not signed in is told how to sign in."""
    if request.user is None:
        # Coming from the bank, a browser may leave the cookie out once; a step on our own site
        # brings it back.
        once_more = AGAIN not in request.query_params
        return page(
            request,
            "sign_in_first.html",
            transaction_id=transaction_id,
            once_more=once_more,
            answered=ANSWERED in request.query_params,
        )
    request.user.check(Permission.SEE_OWN_PAYMENTS)
    view = await status_of(request, transaction_id, deps)
    silent = deps.evidence.read_suspended_for() is not None
    unpaid = ANSWERED in request.query_params and not silent
    return _page(request, view, silent=silent, unpaid=unpaid)


@post(
    "/result/{transaction_id:str}/retry",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.PAY, Budget.INITIATE, budget_of_payment=Budget.RETRY, page=True),
    include_in_schema=False,
)
async def try_again(request: Buying, transaction_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Retry the payment and send the student to the bank's page."""
    if request.content_type[0] != RequestEncodingType.URL_ENCODED.value:
        raise HttpProblem(
            problem_types.UNSUPPORTED_MEDIA_TYPE, "The form comes as a browser sends it."
        )
    key = str((await request.form()).get("key", ""))
    try:
        key = key if is_key(key) else new_key()
        payment = (await retried(request, transaction_id, deps, key)).payment
    except NotFound:
        raise
    except DomainError as error:
        view = await status_of(request, transaction_id, deps)
        return _page(request, view, problem=problem_of(error))
    if payment.gateway_order is None or not payment.state.is_live:
        return Redirect(f"/result/{payment.id}", status_code=HTTP_303_SEE_OTHER)
    return leave_for(request, deps, payment.gateway_order.payment_url)


def _page(
    request: PageRequest,
    view: StatusView,
    *,
    problem: Problem | None = None,
    silent: bool = False,
    unpaid: bool = False,
) -> Template:
    status = problem.kind.status if problem else HTTPStatus.OK
    return page(
        request,
        "result.html",
        status=status,
        **shown(view, problem=problem, silent=silent, unpaid=unpaid),
    )


def shown(
    view: StatusView,
    *,
    problem: Problem | None = None,
    silent: bool = False,
    unpaid: bool = False,
) -> dict[str, Any]:
    """
    Return what each page about one payment shows.

    With *silent* the bank does not answer; with *unpaid* it has, and a payment that is pending then is one that
    nobody has tried to pay.
    """
    return {
        "view": view,
        "hint": hint_of(view),
        "key": new_key(),
        "problem": problem,
        "silent": silent,
        "unpaid": unpaid and view.status == State.PENDING,
        "elsewhere": _elsewhere(view, problem),
        "may_retry": _may_retry(view, problem),
        "refund_words": REFUND_WORDS,
        "version": version_of(view),
        "awaits_news": awaits_news(view),
        "awaits_documents": awaits_documents(view),
        **_standing(view),
    }


def _may_retry(view: StatusView, problem: Problem | None) -> bool:
    """Whether to offer a retry: not after a refusal that a retry would get as well."""
    passing = problem is None or "Retry-After" in problem.headers
    return view.retry_until is not None and passing


def _elsewhere(view: StatusView, problem: Problem | None) -> str | None:
    """Return the payment that replaces the one in *view*, None when there is none."""
    named = problem.members.get("transaction_id") if problem else None
    return named if named not in {None, view.transaction_id} else view.retried_as


def hint_of(view: StatusView) -> str:
    """Return what the student can do about a payment that failed or expired."""
    if view.failure_reason is None:
        return ""
    try:
        return FailureReason(view.failure_reason).hint
    except ValueError:
        return ""


def _standing(view: StatusView) -> dict[str, Any]:
    state = State(view.status)
    return {
        "waiting": state.is_live,
        "paid": state.is_sold,
        "refunded": state is State.REFUNDED,
        "returning": state is State.SUCCESS
        and any(RefundState(refund.status).is_in_flight for refund in view.refunds),
        "partly_refunded": state is State.PARTIALLY_REFUNDED,
        "failed": state is State.FAILED,
        "expired": state is State.EXPIRED,
        "untouched": state is State.PENDING,
    }
