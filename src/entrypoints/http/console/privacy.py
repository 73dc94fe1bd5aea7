"""The data of people in the console: what is kept by counts, its export, an erasure in two steps, and legal holds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.errors import DomainError, NotFound
from domain.identifiers import PaymentId, StudentId, is_payment_id
from domain.payments.refund import REFUND_REASON_MAX
from domain.privacy.erasure import LAWS, PersonalData
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpNotEnrolled
from domain.text.card_number import CardNumberRefused
from domain.text.opaque_id import PERSON_ID_MAX, is_person_id
from entrypoints.http.api.privacy import attempt_of, student_named
from entrypoints.http.api.refund_wire import CODE_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import (
    PRIVACY,
    PRIVACY_ERASE,
    PRIVACY_EXPORT,
    PRIVACY_HOLD,
    PRIVACY_RELEASE,
)
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

ENTRIES_MAX: Final = 20
NOBODY: Final = "Nothing is kept of a student with this id."
NO_PAYMENT: Final = "There is no such payment."
NOT_SURE: Final = "Say that the person is the one who asked."
DATA_WORDS: Final[Mapping[PersonalData, str]] = {
    PersonalData.CONTACT: "Email and telephone",
    PersonalData.NAME: "Names and address",
}
FACT_WORDS: Final[Mapping[str, str]] = {
    "enrolment": "Enrolments",
    "document": "Tax documents",
    "email": "Emails sent",
    "webhook": "Webhooks sent",
    "sign_in": "Sign-ins",
    "act": "Acts in the audit log",
}
"""Each kind of fact as a word, in the order of the page."""

By = Request[Caller, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a form held, and what came of it; *at* names the form that a *fault* is about."""

    at: str = ""
    fault: str = ""
    code_fault: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@get(PRIVACY, opt=opened("GET", PRIVACY), include_in_schema=False)
async def privacy(request: By, deps: Deps) -> Response[Any]:
    """Show the payments under hold, and of the student who is asked for what is kept, and what would be erased."""
    payment = request.query_params.get("payment", "")
    fields = {"payment": payment} if is_payment_id(payment) else {}
    return await _shown(request, deps, _asked(request), Said(fields=fields))


@post(
    PRIVACY_EXPORT,
    status_code=HTTPStatus.OK,
    opt=opened("POST", PRIVACY_EXPORT),
    include_in_schema=False,
)
async def export_personal_data(request: By, deps: Deps) -> Response[Any]:
    """Hand out all that is kept of the student as a file."""
    student = student_named(str((await request.form()).get("student", "")))
    record = await deps.privacy.export(student, origin_of_request(request, Source.ADMIN))
    return Response(
        msgspec.json.format(msgspec.json.encode(record), indent=2),
        media_type=MediaType.JSON,
        headers={
            "Content-Disposition": 'attachment; filename="personal-data.json"',
            "Cache-Control": "no-store",
        },
    )


@post(
    PRIVACY_ERASE,
    status_code=HTTPStatus.OK,
    opt=opened("POST", PRIVACY_ERASE),
    include_in_schema=False,
)
async def erase_personal_data(request: By, deps: Deps) -> Response[Any]:
    """Erase what the plan that was shown names, with a code of whoever does it."""
    form = await request.form()
    student, reason = student_named(str(form.get("student", ""))), str(form.get("reason", ""))
    fields = {"reason": reason}
    if form.get("sure") != "yes":
        return await _refused(
            request, deps, student, Said(at="erase", fault=NOT_SURE, fields=fields)
        )
    try:
        await deps.privacy.erase(
            student,
            reason,
            str(form.get("fingerprint", "")),
            origin_of_request(request, Source.ADMIN),
            attempt_of(request, str(form.get("code", ""))[:CODE_MAX]),
        )
    except CODE_REFUSALS as refusal:
        if not isinstance(refusal, TotpNotEnrolled):
            await count_failed_code(request)
        told = Said(at="erase", code_fault=fault_of_code(refusal), fields=fields)
        return await _refused(request, deps, student, told)
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        # A card number is not shown again.
        kept = {} if isinstance(refusal, CardNumberRefused) else fields
        told = Said(at="erase", fault=problem_of(refusal).detail, fields=kept)
        return await _refused(request, deps, student, told)
    return Redirect(f"{PRIVACY}?{urlencode({'student': student})}", status_code=HTTP_303_SEE_OTHER)


@post(
    PRIVACY_HOLD,
    status_code=HTTPStatus.OK,
    opt=opened("POST", PRIVACY_HOLD),
    include_in_schema=False,
)
async def place_hold(request: By, deps: Deps) -> Response[Any]:
    """Hold a payment: nothing of it is erased until the hold is released."""
    return await _held(request, deps, "hold")


@post(
    PRIVACY_RELEASE,
    status_code=HTTPStatus.OK,
    opt=opened("POST", PRIVACY_RELEASE),
    include_in_schema=False,
)
async def release_hold(request: By, deps: Deps) -> Response[Any]:
    """End the hold of a payment; nothing is erased by that."""
    return await _held(request, deps, "release")


async def _held(request: By, deps: Dependencies, act: str) -> Response[Any]:
    form = await request.form()
    payment, reason = str(form.get("payment", "")).strip(), str(form.get("reason", ""))
    fields = {"reason": reason}
    if not is_payment_id(payment):
        return await _refused(request, deps, None, Said(at=act, fault=NO_PAYMENT, fields=fields))
    fields["payment"] = payment
    apply = deps.privacy.hold if act == "hold" else deps.privacy.hold.release
    try:
        await apply(PaymentId(payment), reason, origin_of_request(request, Source.ADMIN))
    except DomainError as refusal:
        if isinstance(refusal, CardNumberRefused):
            del fields["reason"]
        told = Said(at=act, fault=problem_of(refusal).detail, fields=fields)
        return await _refused(request, deps, None, told)
    return Redirect(PRIVACY, status_code=HTTP_303_SEE_OTHER)


def _asked(request: By) -> str:
    """Return the id that the address asks for, where whoever asks may see what is kept of a student."""
    sees = request.user.may(Permission.ERASE_PERSONAL_DATA)
    return request.query_params.get("student", "").strip() if sees else ""


async def _refused(
    request: By, deps: Dependencies, student: StudentId | None, said: Said
) -> Response[Any]:
    return await _shown(request, deps, student or "", said, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _shown(
    request: By, deps: Dependencies, asked: str, said: Said, status: HTTPStatus = HTTPStatus.OK
) -> Response[Any]:
    person: dict[str, Any] = {}
    if asked:
        try:
            person = await _kept_of(deps, student_named(asked))
        except NotFound:
            said, status = Said(at="student", fault=NOBODY), HTTPStatus.NOT_FOUND
    return console_page(
        request,
        "privacy.html",
        status=status,
        student=asked if is_person_id(asked) else "",
        person=person,
        holds=await deps.privacy.records.holds(),
        may_export=request.user.may(Permission.EXPORT_PERSONAL_DATA),
        may_erase=request.user.may(Permission.ERASE_PERSONAL_DATA),
        said=said,
        data_words=DATA_WORDS,
        laws=LAWS,
        id_max=PERSON_ID_MAX,
        reason_max=REFUND_REASON_MAX,
    )


async def _kept_of(deps: Dependencies, student: StudentId) -> dict[str, Any]:
    """Return what is kept of *student* by counts, what would be erased of it, and what was done; no value of it."""
    plan = await deps.privacy.plan(student)
    record = await deps.privacy.records.everything_of(student)
    kinds = Counter(each.kind for each in record.facts)
    counts = {"Payments": len(record.payments)}
    counts |= {word: kinds[kind] for kind, word in FACT_WORDS.items()}
    return {
        "plan": plan,
        "counts": counts,
        "trail": await deps.audit.about(f"person:{student}", at_most=ENTRIES_MAX),
    }
