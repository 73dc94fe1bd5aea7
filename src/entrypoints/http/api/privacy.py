"""The data of people for staff: handed out, erased in two steps, and held back from erasure."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from application.staff.verify_totp import TotpAttempt
from domain.errors import NotFound
from domain.identifiers import StudentId
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from domain.text.opaque_id import is_person_id
from entrypoints.http import problem_types
from entrypoints.http.api import privacy_wire as wire
from entrypoints.http.api.payment import named
from entrypoints.http.api.privacy_wire import (
    ErasedView,
    ErasureConfirmed,
    ErasurePlanView,
    HoldAsked,
    LegalHoldsView,
    LegalHoldView,
    PersonalRecordView,
)
from entrypoints.http.api.refunds import IN_PERSON
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

By = Request[Caller, Any, Any]
WHY: Final = Body(examples=[Example(summary="A case", value={"reason": "Case 4 of 2026"})])
ABOUT_A_HOLD: Final = (
    problem_types.NOT_FOUND,
    problem_types.REFUND_REASON,
    problem_types.CARD_NUMBER,
    *WITH_BODY,
)


@get(
    "/privacy/{student_id:str}",
    opt=opened_to(Permission.EXPORT_PERSONAL_DATA, Budget.STAFF),
    security=SIGNED_IN,
    summary="All that is kept of a student",
    operation_id="export_personal_data",
    responses=answers(
        HTTPStatus.OK, PersonalRecordView, wire.RECORD, problem_types.NOT_FOUND, *ALWAYS
    ),
)
async def export_personal_data(
    request: By, student_id: FromPath[str], deps: Deps
) -> PersonalRecordView:
    """Hand it to the student alone. The audit log names who exported it."""
    origin = origin_of_request(request, Source.ADMIN)
    return PersonalRecordView.of(await deps.privacy.export(student_named(student_id), origin))


@get(
    "/privacy/{student_id:str}/erasure",
    opt=opened_to(Permission.ERASE_PERSONAL_DATA, Budget.STAFF),
    security=SIGNED_IN,
    summary="What an erasure would do",
    operation_id="plan_erasure",
    responses=answers(HTTPStatus.OK, ErasurePlanView, wire.PLAN, problem_types.NOT_FOUND, *ALWAYS),
)
async def erasure_plan(student_id: FromPath[str], deps: Deps) -> ErasurePlanView:
    """What would be erased of the student now, and what stays, by which law and until when. Nothing is erased."""
    return ErasurePlanView.of(await deps.privacy.plan(student_named(student_id)))


@post(
    "/privacy/{student_id:str}/erase",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.ERASE_PERSONAL_DATA, Budget.CONFIGURATION, json=True),
    security=SIGNED_IN,
    summary="Erase what no law keeps",
    operation_id="erase_personal_data",
    responses=answers(
        HTTPStatus.OK,
        ErasedView,
        wire.ERASED,
        problem_types.REFUND_REASON,
        problem_types.CARD_NUMBER,
        *IN_PERSON,
    ),
)
async def erase_personal_data(
    request: By,
    student_id: FromPath[str],
    data: Annotated[
        ErasureConfirmed,
        Body(
            title="The plan, confirmed",
            examples=[Example(summary="As it was seen", value=wire.CONFIRMED)],
        ),
    ],
    deps: Deps,
) -> ErasedView:
    """
    It cannot be undone. The plan has to be as it was seen (`GET /api/admin/privacy/{student_id}/erasure`); otherwise
    nothing is erased, and the code may be used again.
    """
    student = student_named(student_id)
    counts = await deps.privacy.erase(
        student,
        data.reason,
        data.fingerprint,
        origin_of_request(request, Source.ADMIN),
        attempt_of(request, data.otp),
    )
    return ErasedView.of(counts)


@get(
    "/legal-holds",
    opt=opened_to(Permission.HOLD_PAYMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Payments under legal hold",
    operation_id="list_legal_holds",
    responses=answers(HTTPStatus.OK, LegalHoldsView, {"items": [wire.PAYMENT]}, *ALWAYS),
)
async def legal_holds(deps: Deps) -> LegalHoldsView:
    """Nothing of them is erased until the hold is released."""
    return LegalHoldsView(items=await deps.privacy.records.holds())


@post(
    "/legal-holds/{transaction_id:str}",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.HOLD_PAYMENTS, Budget.RESOLUTION, json=True),
    security=SIGNED_IN,
    summary="Place a legal hold",
    operation_id="place_legal_hold",
    responses=answers(HTTPStatus.OK, LegalHoldView, wire.HELD, *ABOUT_A_HOLD),
)
async def place_hold(
    request: By, transaction_id: FromPath[str], data: Annotated[HoldAsked, WHY], deps: Deps
) -> LegalHoldView:
    """Nothing of the payment is erased then. A payment that is held stays so."""
    payment = named(transaction_id)
    await deps.privacy.hold(payment, data.reason, origin_of_request(request, Source.ADMIN))
    return LegalHoldView(transaction_id=payment, is_held=True)


@post(
    "/legal-holds/{transaction_id:str}/release",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.HOLD_PAYMENTS, Budget.RESOLUTION, json=True),
    security=SIGNED_IN,
    summary="Release a legal hold",
    operation_id="release_legal_hold",
    responses=answers(HTTPStatus.OK, LegalHoldView, wire.HELD | {"is_held": False}, *ABOUT_A_HOLD),
)
async def release_hold(
    request: By, transaction_id: FromPath[str], data: Annotated[HoldAsked, WHY], deps: Deps
) -> LegalHoldView:
    """What no law keeps of the payment may be erased from now on; nothing is erased by this."""
    payment = named(transaction_id)
    await deps.privacy.hold.release(payment, data.reason, origin_of_request(request, Source.ADMIN))
    return LegalHoldView(transaction_id=payment, is_held=False)


def student_named(text: str) -> StudentId:
    """Return the id that *text* is, or raise ``NotFound`` for what is no person's id."""
    if not is_person_id(text):
        raise NotFound("student", "not an id of one")
    return StudentId(text)


def attempt_of(request: By, code: str) -> TotpAttempt:
    """Return the attempt of whoever asks; its subject names nobody, since it stays in the audit log."""
    return TotpAttempt(
        staff=StaffId(request.user.id),
        permission=Permission.ERASE_PERSONAL_DATA,
        subject="personal_data",
        code=code,
    )


privacy_routes = Router(
    "/api/admin",
    route_handlers=[
        export_personal_data,
        erasure_plan,
        erase_personal_data,
        legal_holds,
        place_hold,
        release_hold,
    ],
    tags=["Data of people"],
)
