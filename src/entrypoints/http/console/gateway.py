"""The console's gateway configuration: what is in effect, what waits for a second officer, and a test at the bank."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.gateway_config.configuration_audit import SUBJECT
from application.gateway_config.decide_configuration import DecisionCommand
from application.gateway_config.propose_configuration import ConfigurationChange
from application.gateway_config.try_connection import ConnectionTest
from domain.errors import DomainError
from domain.gateway_config.configuration_version import REASON_MAX
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpNotEnrolled
from domain.staff.staff_member import StaffId
from domain.text.printable import on_one_line
from entrypoints.http import problem_types
from entrypoints.http.api.refund_wire import CODE_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.gateway_change import try_typed
from entrypoints.http.console.gateway_words import STATE_WORDS, VERDICT_WORDS, rows_of
from entrypoints.http.console.places import (
    GATEWAY,
    GATEWAY_OLD_SECRETS,
    GATEWAY_TEST,
    GATEWAY_VERSION,
)
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

APPROVE: Final = "approve"
REJECT: Final = "reject"
ENTRIES_MAX: Final = 30
DIGITS_MAX: Final = 9
By = Request[Caller, Any, Any]


@get(GATEWAY, opt=opened("GET", GATEWAY), include_in_schema=False)
async def gateway(request: By, deps: Deps) -> Response[Any]:
    """Show the configuration in effect, what waits, and what was done."""
    return await _shown(request, deps)


@post(
    GATEWAY_TEST,
    status_code=HTTPStatus.OK,
    opt=opened("POST", GATEWAY_TEST),
    include_in_schema=False,
)
async def try_connection(request: By, deps: Deps) -> Response[Any]:
    """Ask the bank for an order that does not exist, by the version that is named, or by what was typed."""
    form = await request.form()
    if form.get("typed"):
        return await try_typed(request, deps)
    number = str(form.get("version", ""))
    if not (number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX):
        raise HttpProblem(problem_types.REQUEST_INVALID, "A version has a number.")
    origin = origin_of_request(request, Source.ADMIN)
    try:
        tested = await deps.gateway_config.try_connection(
            int(number), ConfigurationChange(), origin
        )
    except DomainError as refusal:
        return await _shown(request, deps, fault=problem_of(refusal).detail)
    return await _shown(request, deps, tested=tested)


@post(
    GATEWAY_VERSION,
    status_code=HTTPStatus.OK,
    opt=opened("POST", GATEWAY_VERSION),
    include_in_schema=False,
)
async def decide(request: By, version: FromPath[int], deps: Deps) -> Response[Any]:
    """Approve or reject the version that waits, with the decider's own code."""
    decision = str((await request.form()).get("decision", ""))
    if decision not in {APPROVE, REJECT}:
        raise HttpProblem(problem_types.REQUEST_INVALID, "A version is approved or rejected.")
    use_case = deps.gateway_config.decide
    act = use_case.approve if decision == APPROVE else use_case.reject
    return await _done(request, deps, version, act)


@post(
    GATEWAY_OLD_SECRETS,
    status_code=HTTPStatus.OK,
    opt=opened("POST", GATEWAY_OLD_SECRETS),
    include_in_schema=False,
)
async def end_old_secrets(request: By, version: FromPath[int], deps: Deps) -> Response[Any]:
    """Accept the secrets before this version no longer."""
    return await _done(request, deps, version, deps.gateway_config.decide.end_old_secrets)


async def _done(request: By, deps: Dependencies, version: int, act: Any) -> Response[Any]:
    form = await request.form()
    reason = on_one_line(str(form.get("reason", "")))
    command = DecisionCommand(
        number=version,
        reason=reason,
        by=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        code=str(form.get("code", ""))[:CODE_MAX],
    )
    try:
        await act(command)
    except CODE_REFUSALS as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        return await _shown(request, deps, reason=reason, code_fault=fault_of_code(refusal))
    except NotAllowed:
        raise
    except DomainError as refusal:
        return await _shown(request, deps, reason=reason, fault=problem_of(refusal).detail)
    return Redirect(GATEWAY, status_code=HTTP_303_SEE_OTHER)


async def _shown(
    request: By,
    deps: Dependencies,
    *,
    tested: ConnectionTest | None = None,
    reason: str = "",
    fault: str = "",
    code_fault: str = "",
) -> Response[Any]:
    found = await deps.gateway_config.read()
    waiting = found.pending
    stored = None if waiting is None else waiting.stored
    wrong = bool(fault or code_fault)
    user = request.user
    return console_page(
        request,
        "gateway.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        found=found,
        rows=rows_of(found.in_effect, found.in_effect),
        waiting=stored,
        waiting_rows=[] if waiting is None else rows_of(waiting, found.in_effect),
        is_own=stored is not None and stored.proposed_by == StaffId(user.id),
        may_propose=user.may(Permission.PROPOSE_GATEWAY),
        may_approve=user.may(Permission.APPROVE_GATEWAY),
        may_test=user.may(Permission.TEST_CONNECTION),
        tested=tested,
        verdicts=VERDICT_WORDS,
        states=STATE_WORDS,
        trail=await deps.audit.about(SUBJECT, at_most=ENTRIES_MAX),
        reason=reason,
        reason_max=REASON_MAX,
        fault=fault,
        code_fault=code_fault,
    )
