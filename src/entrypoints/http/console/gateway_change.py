"""The form that changes the gateway configuration; a secret that is typed is never shown again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.gateway_config.propose_configuration import (
    ConfigurationChange,
    ProposeConfigurationCommand,
)
from domain.business_day import IST
from domain.errors import DomainError
from domain.gateway_config.configuration_version import REASON_MAX
from domain.gateway_config.gateway_secrets import SECRET_MAX, SecretField
from domain.gateway_config.gateway_terms import (
    NAME_MAX,
    ConfigurationInvalid,
    GatewayTerms,
    PaymentMethod,
    TermsChange,
)
from domain.money import Money
from domain.staff.access import NotAllowed
from domain.staff.second_factor import TotpNotEnrolled
from domain.staff.staff_member import StaffId
from domain.text.printable import on_one_line
from entrypoints.http.api.refund_wire import CODE_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.gateway_words import FIELD_WORDS, METHOD_WORDS
from entrypoints.http.console.places import GATEWAY, GATEWAY_CHANGE
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

NAMES: Final = ("merchant_id", "payment_page_client_id", "api_version", "webhook_user")
FIELDS: Final = (*NAMES, "minimum", "maximum", "minutes", "effective_from", "based_on", "reason")
TEXT_MAX: Final = 300
NUMBER_DIGITS_MAX: Final = 9
By = Request[Caller, Any, Any]


@get(GATEWAY_CHANGE, opt=opened("GET", GATEWAY_CHANGE), include_in_schema=False)
async def gateway_change(request: By, deps: Deps) -> Response[Any]:
    """Show the form with what is in effect; the fields of secrets are empty."""
    found = (await deps.gateway_config.read()).in_effect
    fields = _fields_of(found.terms) | {"based_on": str(found.number)}
    return await _form(request, deps, fields, found.terms.methods)


@post(
    GATEWAY_CHANGE,
    status_code=HTTPStatus.OK,
    opt=opened("POST", GATEWAY_CHANGE),
    include_in_schema=False,
)
async def change_gateway(request: By, deps: Deps) -> Response[Any]:
    """Propose what differs, with the officer's own code, and show what came of it."""
    form = await request.form()
    fields = {name: str(form.get(name, "")).strip()[:TEXT_MAX] for name in FIELDS}
    known = {each.value for each in PaymentMethod}
    methods = frozenset(
        PaymentMethod(str(each)) for each in form.getall("method", []) if str(each) in known
    )
    secrets = {
        each: text.strip()
        for each in SecretField
        if (text := str(form.get(each.value, "")).strip())
    }
    try:
        command = ProposeConfigurationCommand(
            change=ConfigurationChange(terms=_change(fields, methods), secrets=secrets),
            reason=on_one_line(fields["reason"]),
            based_on=_number("based_on", fields["based_on"]),
            by=StaffId(request.user.id),
            origin=origin_of_request(request, Source.ADMIN),
            code=str(form.get("code", ""))[:CODE_MAX],
            effective_from=_instant(fields["effective_from"]),
        )
        await deps.gateway_config.propose(command)
    except CODE_REFUSALS as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        return await _form(request, deps, fields, methods, code_fault=fault_of_code(refusal))
    except NotAllowed:
        raise
    except ConfigurationInvalid as refusal:
        word = FIELD_WORDS.get(refusal.field, refusal.field.replace("_", " ").capitalize())
        fault = f"{word}: {refusal.reason}."
        return await _form(request, deps, fields, methods, fault=fault)
    except DomainError as refusal:
        return await _form(request, deps, fields, methods, fault=problem_of(refusal).detail)
    return Redirect(GATEWAY, status_code=HTTP_303_SEE_OTHER)


def _fields_of(terms: GatewayTerms) -> dict[str, str]:
    minutes = terms.session_lifetime / timedelta(minutes=1)
    return {
        **{name: str(getattr(terms, name)) for name in NAMES},
        "minimum": terms.limits.minimum.plain(),
        "maximum": terms.limits.maximum.plain(),
        "minutes": f"{minutes:g}",
    }


def _change(fields: Mapping[str, str], methods: frozenset[PaymentMethod]) -> TermsChange:
    """Return what the fields say; what equals the version in effect changes nothing. Raises ``DomainError``."""
    return TermsChange(
        **{name: fields[name] for name in NAMES},
        methods=methods,
        minimum=_rupees(fields["minimum"]),
        maximum=_rupees(fields["maximum"]),
        session_lifetime=_minutes(fields["minutes"]),
    )


def _rupees(text: str) -> Money:
    return Money.from_rupees(text.replace(",", "").removeprefix("₹").strip())


def _minutes(text: str) -> timedelta:
    try:
        return timedelta(seconds=round(float(text) * 60))
    except (ValueError, OverflowError):
        raise ConfigurationInvalid("session_seconds", "write minutes as a number") from None


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX):
        raise ConfigurationInvalid(name, "open the form again")
    return int(text)


def _instant(text: str) -> datetime | None:
    """Return the instant of a date and time in India, None for as soon as it may."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=IST).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigurationInvalid("effective_from", "write a date and a time") from None


async def _form(
    request: By,
    deps: Dependencies,
    fields: Mapping[str, str],
    methods: frozenset[PaymentMethod] | Sequence[PaymentMethod],
    *,
    fault: str = "",
    code_fault: str = "",
) -> Response[Any]:
    found = await deps.gateway_config.read()
    wrong = bool(fault or code_fault)
    return console_page(
        request,
        "gateway_change.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        found=found,
        fields=fields,
        marked=methods,
        method_words=METHOD_WORDS,
        words=FIELD_WORDS,
        names=NAMES,
        masks={each.secret: each for each in found.in_effect.secrets},
        name_max=NAME_MAX,
        secret_max=SECRET_MAX,
        reason_max=REASON_MAX,
        fault=fault,
        code_fault=code_fault,
    )
