"""A change of the gateway configuration: typed, checked beside what is in effect, and saved with a code."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.gateway_config.propose_configuration import ConfigurationChange
from application.gateway_config.try_connection import ConnectionTest
from domain.errors import DomainError
from domain.gateway_config.configuration_version import REASON_MAX
from domain.gateway_config.gateway_secrets import SECRET_MAX
from domain.gateway_config.gateway_terms import NAME_MAX, ConfigurationInvalid
from domain.staff.access import NotAllowed
from domain.staff.second_factor import TotpNotEnrolled
from domain.staff.staff_member import StaffId
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.gateway_form import MAXIMA, NAMES, ChangeForm, form_of, number_of
from entrypoints.http.console.gateway_words import (
    FIELD_WORDS,
    METHOD_WORDS,
    VERDICT_WORDS,
    rows_of,
)
from entrypoints.http.console.places import GATEWAY, GATEWAY_CHANGE, GATEWAY_CHECK
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

EDIT: Final = "edit"
NOT_TOLD: Final = "not told yet"
By = Request[Caller, Any, Any]


@get(GATEWAY_CHANGE, opt=opened("GET", GATEWAY_CHANGE), include_in_schema=False)
async def gateway_change(request: By, deps: Deps) -> Response[Any]:
    """Show the form with what is in effect, or what going back to the version that is named would change."""
    found = (await deps.gateway_config.read()).in_effect
    form = ChangeForm.of(found.terms, found.number)
    back_to = request.query_params.get("back_to", "")
    if not back_to:
        return await _form(request, deps, form)
    return await _planned(request, deps, _going_back(form, back_to))


@post(
    GATEWAY_CHECK,
    status_code=HTTPStatus.OK,
    opt=opened("POST", GATEWAY_CHECK),
    include_in_schema=False,
)
async def check_gateway(request: By, deps: Deps) -> Response[Any]:
    """Show what would differ, and who has to agree; or the form again. Nothing is written."""
    form = await form_of(request)
    return await (_form if form.act == EDIT else _planned)(request, deps, form)


@post(
    GATEWAY_CHANGE,
    status_code=HTTPStatus.OK,
    opt=opened("POST", GATEWAY_CHANGE),
    include_in_schema=False,
)
async def change_gateway(request: By, deps: Deps) -> Response[Any]:
    """Propose what differs, with the officer's own code, and show what came of it."""
    form = await form_of(request)
    try:
        change = await _change_of(request, deps, form)
        await deps.gateway_config.propose(form.command(request, change))
    except CODE_REFUSALS as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        return await _planned(request, deps, form, code_fault=fault_of_code(refusal))
    except NotAllowed:
        raise
    except DomainError as refusal:
        return await _form(request, deps, form, fault=_fault_of(refusal))
    return Redirect(GATEWAY, status_code=HTTP_303_SEE_OTHER)


async def try_typed(request: By, deps: Dependencies) -> Response[Any]:
    """Ask the bank with what stands in the form, and show that again; nothing is written but the verdict."""
    form = await form_of(request)
    try:
        based_on = number_of("based_on", form.fields["based_on"])
        change = await _change_of(request, deps, form)
        origin = origin_of_request(request, Source.ADMIN)
        tested = await deps.gateway_config.try_connection(based_on, change, origin)
    except DomainError as refusal:
        return await _form(request, deps, form, fault=_fault_of(refusal))
    return await _form(request, deps, form, tested=tested)


def _going_back(form: ChangeForm, number: str) -> ChangeForm:
    fields = {**form.fields, "reason": "", "effective_from": ""}
    return ChangeForm(fields=fields, methods=form.methods, back_to=number)


async def _change_of(request: By, deps: Dependencies, form: ChangeForm) -> ConfigurationChange:
    if form.back_to:
        number = number_of("version", form.back_to)
        return await deps.gateway_config.propose.change_back_to(number)
    return form.change(form.secrets(deps.gateway_config.drafts, StaffId(request.user.id)))


def _fault_of(refusal: DomainError) -> str:
    if isinstance(refusal, ConfigurationInvalid):
        return " ".join(
            f"{FIELD_WORDS.get(name, name.replace('_', ' ').capitalize())}: {reason}."
            for name, reason in refusal.faults
        )
    return problem_of(refusal).detail


def _kept(request: By, deps: Dependencies, form: ChangeForm) -> str:
    """Return the secrets that were typed so far, for the next page; what is too old is typed again."""
    by, drafts = StaffId(request.user.id), deps.gateway_config.drafts
    try:
        return drafts.keep(form.secrets(drafts, by), by)
    except ConfigurationInvalid:
        return drafts.keep(form.typed, by)


async def _planned(
    request: By, deps: Dependencies, form: ChangeForm, *, code_fault: str = ""
) -> Response[Any]:
    config = deps.gateway_config
    try:
        change = await _change_of(request, deps, form)
        command = form.command(request, change)
        if form.back_to and not command.reason:
            # Asked for by the page that shows what is planned.
            command = replace(command, reason=NOT_TOLD)
        planned = await config.propose.plan(command)
    except DomainError as refusal:
        return await _form(request, deps, form, fault=_fault_of(refusal))
    before, after = config.read.view_of(planned.before), config.read.view_of(planned.after)
    return console_page(
        request,
        "gateway_check.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if code_fault else HTTPStatus.OK,
        form=form,
        kept=_kept(request, deps, form),
        rows=[row for row in rows_of(after, before) if row.differs],
        version=planned.version,
        reason_max=REASON_MAX,
        code_fault=code_fault,
    )


async def _form(
    request: By,
    deps: Dependencies,
    form: ChangeForm,
    *,
    fault: str = "",
    tested: ConnectionTest | None = None,
) -> Response[Any]:
    found = await deps.gateway_config.read()
    kept = _kept(request, deps, form)
    by = StaffId(request.user.id)
    return console_page(
        request,
        "gateway_change.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        found=found,
        fields=form.fields,
        marked=form.methods,
        method_words=METHOD_WORDS,
        maxima=MAXIMA,
        words=FIELD_WORDS,
        names=NAMES,
        masks={each.secret: each for each in found.in_effect.secrets},
        kept=kept,
        typed=frozenset(deps.gateway_config.drafts.read(kept, by)),
        tested=tested,
        verdicts=VERDICT_WORDS,
        name_max=NAME_MAX,
        secret_max=SECRET_MAX,
        reason_max=REASON_MAX,
        fault=fault,
    )
