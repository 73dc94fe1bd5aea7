"""Refunds on their way, and the decision of a second person about those that wait for one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.refunds.decide_refund import DecideRefundCommand
from application.staff.verify_totp import TotpAttempt
from domain.errors import DomainError, NotFound
from domain.identifiers import PaymentId, RefundId, is_refund_id
from domain.payments.refund_state import RefundState
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpNotEnrolled
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api.refund_cursor import read_refund_cursor, write_refund_cursor
from entrypoints.http.api.refund_wire import CODE_MAX, ID_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import PAYMENTS, REFUND, REFUNDS
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.console.words import REFUND_WORDS
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

SHOWN: Final = 20
TABS: Final[Mapping[str, str]] = {
    "": "All on their way",
    RefundState.AWAITING_APPROVAL: "Wait for a second person",
    RefundState.REQUESTED: "Being sent",
    RefundState.PENDING: "At the bank",
    RefundState.MANUAL_REVIEW: "By hand at the bank",
}
APPROVE: Final = "approve"
REJECT: Final = "reject"
By = Request[Caller, Any, Any]


@get(REFUNDS, opt=opened("GET", REFUNDS), include_in_schema=False)
async def refunds(request: PageRequest, deps: Deps) -> Template:
    """Show a page of refunds that have not come to an end, the longest waiting first."""
    state = request.query_params.get("status", "")
    if state not in TABS:
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such state of a refund.")
    cursor = request.query_params.get("cursor") or None
    page = await deps.refunds.queries.in_flight(
        after=read_refund_cursor(cursor) if cursor is not None else None,
        state=RefundState(state) if state else None,
        at_most=SHOWN,
    )
    caller: Caller = request.user
    return console_page(
        request,
        "refunds.html",
        refunds=page.items,
        tabs=[(_address(each), word, each == state) for each, word in TABS.items()],
        is_first=cursor is None,
        first=_address(state),
        next=_address(state, write_refund_cursor(page.next)) if page.next else None,
        may_approve=caller.may(Permission.APPROVE_REFUNDS),
        refund_words=REFUND_WORDS,
    )


@get(REFUND, opt=opened("GET", REFUND), include_in_schema=False)
async def refund(request: By, refund_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show one refund with what is to be decided about it."""
    return await _shown(request, deps, refund_id)


@post(REFUND, status_code=HTTPStatus.OK, opt=opened("POST", REFUND), include_in_schema=False)
async def decide_refund(request: By, refund_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Approve or reject it with the decider's own code; its own asker takes it back."""
    form = await request.form()
    decision = str(form.get("decision", ""))
    if decision not in {APPROVE, REJECT}:
        raise HttpProblem(problem_types.REQUEST_INVALID, "A refund is approved or rejected.")
    payment = await _payment_of(deps, refund_id)
    command = DecideRefundCommand(
        payment=payment,
        refund=RefundId(refund_id),
        origin=origin_of_request(request, Source.ADMIN),
    )
    attempt = TotpAttempt(
        staff=StaffId(request.user.id),
        permission=Permission.APPROVE_REFUNDS,
        subject=refund_id,
        code=str(form.get("code", ""))[:CODE_MAX],
    )
    authorise = deps.refunds.authorise_refund
    try:
        await (authorise.approve if decision == APPROVE else authorise.reject)(command, attempt)
    except CODE_REFUSALS as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        return await _shown(request, deps, refund_id, code_fault=fault_of_code(refusal))
    except NotAllowed:
        raise
    except DomainError as refusal:
        return await _shown(request, deps, refund_id, fault=problem_of(refusal).detail)
    return Redirect(f"{PAYMENTS}/{payment}#refunds", status_code=HTTP_303_SEE_OTHER)


async def _shown(
    request: By, deps: Dependencies, refund_id: str, *, fault: str = "", code_fault: str = ""
) -> Response[Any]:
    payment = await deps.refunds.queries.of_payment(await _payment_of(deps, refund_id))
    found = next(each for each in payment.refunds if each.refund_id == refund_id)
    wrong = bool(fault or code_fault)
    return console_page(
        request,
        "refund.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        view=payment,
        refund=found,
        waits=found.status == RefundState.AWAITING_APPROVAL,
        is_own=found.asked_by == request.user.actor,
        refund_words=REFUND_WORDS,
        fault=fault,
        code_fault=code_fault,
    )


async def _payment_of(deps: Dependencies, refund_id: str) -> PaymentId:
    if not is_refund_id(refund_id):
        raise NotFound("refund", refund_id[:ID_MAX])
    return await deps.refunds.queries.payment_of(RefundId(refund_id))


def _address(state: str, cursor: str | None = None) -> str:
    said = {"status": state, "cursor": cursor or ""}
    wanted = {name: value for name, value in said.items() if value}
    return f"{REFUNDS}?{urlencode(wanted)}" if wanted else REFUNDS
