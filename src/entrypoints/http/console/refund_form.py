"""Giving money back from the console: fill in, check and confirm with a code; a form sent twice refunds once."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.refunds.request_refund import RequestRefundCommand
from application.staff.verify_totp import TotpAttempt
from domain.errors import DomainError
from domain.money import ZERO, Money
from domain.payments.refund import RequestKey
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpLocked, TotpNotEnrolled, TotpRefused
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api.idempotency import is_key
from entrypoints.http.api.payment import named
from entrypoints.http.api.refund_wire import CODE_MAX, REASON_MAX, REASON_MIN, RefundAsked
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import PAYMENTS, REFUND_CHECK, REFUND_FORM
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import new_key, problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

FIELDS: Final = ("amount", "reason", "revoke", "available", "key")
NO_CODE: Final = "000000"
"""Stands where the interface has the code; it is never checked."""

CODE_REFUSALS: Final = (TotpRefused, TotpLocked, TotpNotEnrolled)
By = Request[Caller, Any, Any]


@get(REFUND_FORM, opt=opened("GET", REFUND_FORM), include_in_schema=False)
async def refund_form(request: By, transaction_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show the form: how much is left, why, and whether the course stays."""
    view = await deps.refunds.queries.of_payment(named(transaction_id))
    fields = {"amount": view.refundable, "available": view.refundable, "key": new_key()}
    return await _form(request, deps, transaction_id, fields)


@post(
    REFUND_CHECK,
    status_code=HTTPStatus.OK,
    opt=opened("POST", REFUND_CHECK),
    include_in_schema=False,
)
async def check_refund(request: By, transaction_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show what would happen, and ask for the code; nothing is counted against the officer's limit yet."""
    fields = await _fields(request)
    try:
        asked = _asked(named(transaction_id), fields)
        amount = asked.money
    except (HttpProblem, DomainError) as refusal:
        return await _form(request, deps, transaction_id, fields, fault=problem_of(refusal).detail)
    view = await deps.refunds.queries.of_payment(asked.payment)
    left = Money.from_rupees(view.refundable)
    if not ZERO < amount <= left:
        fault = f"It is more than ₹0.00 and at most {left}, which is what is left."
        return await _form(request, deps, transaction_id, fields, fault=fault)
    return await _confirm(request, deps, asked, fields)


@post(
    REFUND_FORM,
    status_code=HTTPStatus.OK,
    opt=opened("POST", REFUND_FORM),
    include_in_schema=False,
)
async def ask_refund(request: By, transaction_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Give the money back when the code is right, and show the payment."""
    fields = await _fields(request)
    wanted = named(transaction_id)
    try:
        asked = _asked(wanted, fields)
        amount = asked.money
    except (HttpProblem, DomainError) as refusal:
        return await _form(request, deps, transaction_id, fields, fault=problem_of(refusal).detail)
    command = RequestRefundCommand(
        payment=wanted,
        amount=amount,
        reason=asked.reason,
        origin=origin_of_request(request, Source.ADMIN),
        available=asked.available,
        revokes=asked.revoke_access,
        key=RequestKey(key=fields["key"], body_sha256=asked.digest()),
    )
    attempt = TotpAttempt(
        staff=StaffId(request.user.id),
        permission=Permission.CREATE_REFUNDS,
        subject=wanted,
        code=str((await request.form()).get("code", ""))[:CODE_MAX],
    )
    try:
        await deps.refunds.authorise_refund.request(command, attempt)
    except CODE_REFUSALS as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        return await _confirm(request, deps, asked, fields, fault=fault_of_code(refusal))
    except NotAllowed:
        raise
    except DomainError as refusal:
        # The figures are shown as they are now, and whoever asks agrees to them anew.
        now = await deps.refunds.queries.of_payment(wanted)
        fresh = fields | {"available": now.refundable, "key": new_key()}
        fault = problem_of(refusal).detail
        return await _form(request, deps, transaction_id, fresh, fault=fault)
    return Redirect(f"{PAYMENTS}/{wanted}#refunds", status_code=HTTP_303_SEE_OTHER)


async def _fields(request: By) -> dict[str, str]:
    form = await request.form()
    return {name: str(form.get(name, "")).strip() for name in FIELDS}


def _asked(payment: str, fields: Mapping[str, str]) -> RefundAsked:
    """Return what the fields ask for, without the code, which is read by itself; or raise ``HttpProblem``."""
    if not is_key(fields["key"]):
        raise HttpProblem(problem_types.KEY_INVALID)
    said = {
        "transaction_id": payment,
        "amount": fields["amount"].replace(",", "").removeprefix("₹").strip(),
        "reason": fields["reason"],
        "otp": NO_CODE,
        "available_amount": fields["available"] or None,
        "revoke_access": fields["revoke"] == "yes",
    }
    try:
        return msgspec.convert(said, RefundAsked)
    except msgspec.ValidationError:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            f"The amount is in rupees, such as 1180.00; the reason has {REASON_MIN} to {REASON_MAX} characters.",
        ) from None


async def _form(
    request: By, deps: Dependencies, payment: str, fields: Mapping[str, str], *, fault: str = ""
) -> Response[Any]:
    return console_page(
        request,
        "refund_form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        view=await deps.refunds.queries.of_payment(named(payment)),
        fields=fields,
        fault=fault,
        reason_max=REASON_MAX,
    )


async def _confirm(
    request: By,
    deps: Dependencies,
    asked: RefundAsked,
    fields: Mapping[str, str],
    *,
    fault: str = "",
) -> Response[Any]:
    view = await deps.refunds.queries.of_payment(asked.payment)
    left = Money.from_rupees(view.refundable) - asked.money
    return console_page(
        request,
        "refund_confirm.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        view=view,
        fields=fields,
        amount=asked.money,
        left=left,
        ends_course=view.opens_course and (asked.revoke_access or not left),
        alone_up_to=deps.settings.refund_approval_threshold,
        fault=fault,
    )
