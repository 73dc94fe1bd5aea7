"""Resolving a discrepancy from the console: name what is done, see the journal it posts, and confirm."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.discrepancies.resolve_discrepancies import (
    ResolutionOutcome,
    ResolveDiscrepanciesCommand,
)
from domain.business_day import business_day_of
from domain.errors import DomainError
from domain.identifiers import DiscrepancyId
from domain.money import Money
from domain.payments.refund import RequestKey
from domain.reconciliation.resolution import NOTE_MAX, NOTE_MIN, ResolutionAction, ResolutionState
from domain.reconciliation.resolution_context import StaleDiscrepancy
from domain.reconciliation.resolution_rules import (
    ACCOUNTS,
    ALWAYS_SECONDED,
    NEED_PAYMENT,
    NEED_UNTIL,
    TAKE_UNTIL,
    UNTIL_MAX,
    ResolutionRequest,
    concerned_payment,
    journal_kind,
)
from domain.staff.access import NotAllowed
from domain.staff.second_factor import TotpNotEnrolled
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api.discrepancy_wire import ResolutionsAsked, versions_by_id
from entrypoints.http.api.idempotency import is_key
from entrypoints.http.api.refund_wire import CODE_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.discrepancies import DiscrepancyRow
from entrypoints.http.console.discrepancy import (
    LAID_OUT,
    Standing,
    named_discrepancy,
    shown,
    version_of,
)
from entrypoints.http.console.places import DISCREPANCIES, RESOLVE, RESOLVE_CHECK
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import new_key, problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_failed_code, count_refund, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

FIELDS: Final = ("action", "note", "account", "payment_id", "amount", "until", "version", "key")
TOMORROW: Final = timedelta(days=1)
Fields = Mapping[str, str]
By = Request[Caller, Any, Any]


@get(RESOLVE, opt=opened("GET", RESOLVE), include_in_schema=False)
async def resolution_form(request: By, discrepancy_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show what the action has to name; what is not lawful now leads back to the discrepancy."""
    wanted = named_discrepancy(discrepancy_id)
    standing = await Standing.read(deps, wanted)
    action = request.query_params.get("action", "")
    if action not in standing.actions:
        return Redirect(f"{DISCREPANCIES}/{wanted}", status_code=HTTP_303_SEE_OTHER)
    version = standing.discrepancy.version
    fields = dict.fromkeys(FIELDS, "") | {
        "action": action,
        "version": str(version),
        "key": new_key(),
    }
    finding = standing.discrepancy.finding
    meant = ResolutionRequest(
        action=ResolutionAction(action), note="", by=request.user.actor, version=version
    )
    if action in NEED_PAYMENT:
        fields["payment_id"] = concerned_payment(meant, finding) or ""
    if action == ResolutionAction.REFUND_STUDENT:
        fields["amount"] = Money(abs(finding.difference_paise)).plain()
    return _form(request, deps, standing, fields)


@post(
    RESOLVE_CHECK,
    status_code=HTTPStatus.OK,
    opt=opened("POST", RESOLVE_CHECK),
    include_in_schema=False,
)
async def check_resolution(request: By, discrepancy_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show what would follow: the journal, and whether a second person has to approve it. Nothing is written."""
    wanted = named_discrepancy(discrepancy_id)
    fields = await _fields(request)
    return await _checked(request, deps, wanted, fields)


@post(RESOLVE, status_code=HTTPStatus.OK, opt=opened("POST", RESOLVE), include_in_schema=False)
async def resolve_discrepancy(
    request: By, discrepancy_id: FromPath[str], deps: Deps
) -> Response[Any]:
    """Do it, once however often the form is sent; whoever was slower sees how it stands now."""
    wanted = named_discrepancy(discrepancy_id)
    fields = await _fields(request)
    code = str((await request.form()).get("code", ""))[:CODE_MAX]
    if fields["action"] == ResolutionAction.REFUND_STUDENT:
        await count_refund(request)
    try:
        asked = _asked(wanted, fields)
        (outcome,) = await deps.discrepancies.resolve(_command(request, asked, fields, code))
    except (HttpProblem, DomainError) as refusal:
        return await _refused(request, deps, wanted, fields, refusal)
    if isinstance(outcome.refusal, CODE_REFUSALS):
        if not isinstance(outcome.refusal, TotpNotEnrolled):
            await count_failed_code(request)
        fault = fault_of_code(outcome.refusal)
        return await _checked(request, deps, wanted, fields, code_fault=fault)
    if outcome.refusal is not None:
        return await _refused(request, deps, wanted, fields, outcome.refusal)
    return Redirect(f"{DISCREPANCIES}/{wanted}#history", status_code=HTTP_303_SEE_OTHER)


async def _checked(
    request: By, deps: Dependencies, wanted: DiscrepancyId, fields: Fields, *, code_fault: str = ""
) -> Response[Any]:
    try:
        command = _command(request, _asked(wanted, fields, dry_run=True), fields)
        (outcome,) = await deps.discrepancies.resolve(command)
    except (HttpProblem, DomainError) as refusal:
        return await _refused(request, deps, wanted, fields, refusal)
    if outcome.refusal is not None:
        return await _refused(request, deps, wanted, fields, outcome.refusal)
    return await _confirm(request, deps, wanted, fields, outcome=outcome, code_fault=code_fault)


async def _confirm(
    request: By,
    deps: Dependencies,
    wanted: DiscrepancyId,
    fields: Fields,
    *,
    outcome: ResolutionOutcome,
    code_fault: str,
) -> Response[Any]:
    found = await deps.discrepancies.queries.get(wanted)
    planned = outcome.standing
    assert planned is not None  # noqa: S101 - an outcome without a refusal stands
    return console_page(
        request,
        "resolution_confirm.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if code_fault else HTTPStatus.OK,
        row=DiscrepancyRow.of(found, deps.clock.now()),
        finding=found.finding,
        resolution=planned.resolution,
        journal=planned.journal,
        is_seconded=planned.resolution.state is ResolutionState.PROPOSED,
        is_release=planned.resolution.action is ResolutionAction.RELEASE_LINE,
        is_always_seconded=planned.resolution.action in ALWAYS_SECONDED,
        then=planned.discrepancy,
        needs_code=planned.resolution.action is ResolutionAction.REFUND_STUDENT,
        fields=fields,
        code_fault=code_fault,
        **LAID_OUT,
    )


async def _refused(
    request: By,
    deps: Dependencies,
    wanted: DiscrepancyId,
    fields: Fields,
    refusal: DomainError | HttpProblem,
) -> Response[Any]:
    """Show the form again with what is wrong; or, where somebody was faster, how it stands now."""
    if isinstance(refusal, NotAllowed):
        raise refusal
    standing = await Standing.read(deps, wanted)
    if isinstance(refusal, StaleDiscrepancy) or fields["action"] not in standing.actions:
        told = refusal if isinstance(refusal, DomainError) else None
        return await shown(request, deps, wanted, refusal=told)
    problem = problem_of(refusal)
    if problem.kind is problem_types.CARD_NUMBER:
        fields = {**fields, "note": ""}
    return _form(request, deps, standing, fields, fault=problem.detail)


def _form(
    request: By, deps: Dependencies, standing: Standing, fields: Fields, *, fault: str = ""
) -> Response[Any]:
    action, finding = ResolutionAction(fields["action"]), standing.discrepancy.finding
    today = business_day_of(deps.clock.now())
    accounts = ACCOUNTS.get(action, frozenset()) if journal_kind(action, finding) else frozenset()
    return console_page(
        request,
        "resolution_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        row=DiscrepancyRow.of(standing.discrepancy, deps.clock.now()),
        finding=finding,
        action=action,
        fields=fields,
        fault=fault,
        accounts=sorted(accounts),
        needs_payment=action in NEED_PAYMENT,
        needs_until=action in NEED_UNTIL,
        takes_until=action in TAKE_UNTIL,
        needs_amount=action is ResolutionAction.REFUND_STUDENT,
        earliest=today + TOMORROW,
        latest=today + UNTIL_MAX,
        note_min=NOTE_MIN,
        note_max=NOTE_MAX,
        **LAID_OUT,
    )


async def _fields(request: By) -> dict[str, str]:
    form = await request.form()
    return {name: str(form.get(name, "")).strip() for name in FIELDS}


def _asked(wanted: str, fields: Fields, *, dry_run: bool = False) -> ResolutionsAsked:
    """Return what the fields ask for, or raise ``HttpProblem``."""
    if not is_key(fields["key"]):
        raise HttpProblem(problem_types.KEY_INVALID)
    said = {
        "ids": [wanted],
        "action": fields["action"],
        "note": fields["note"],
        "version": version_of(fields["version"]),
        "account": fields["account"] or None,
        "payment_id": fields["payment_id"] or None,
        "amount": fields["amount"].replace(",", "").removeprefix("₹").strip() or None,
        "until": fields["until"] or None,
        "dry_run": dry_run,
    }
    try:
        return msgspec.convert(said, ResolutionsAsked)
    except msgspec.ValidationError:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            f"The note has {NOTE_MIN} to {NOTE_MAX} characters; amounts are in rupees, such as 1180.00, "
            "and days such as 2026-08-03.",
        ) from None


def _command(
    request: By, asked: ResolutionsAsked, fields: Fields, code: str = ""
) -> ResolveDiscrepanciesCommand:
    return ResolveDiscrepanciesCommand(
        versions=versions_by_id(asked.ids, asked.version),
        action=asked.action,
        note=asked.note,
        staff=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        account=asked.account,
        payment=asked.payment,
        amount=asked.money,
        until=asked.until,
        key=RequestKey(key=fields["key"], body_sha256=asked.digest()),
        code=code,
        dry_run=asked.dry_run,
    )
