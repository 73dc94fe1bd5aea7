"""The catalogue API for staff: replace a course or a discount code; begun payments keep their price."""

from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Router, put
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from domain.catalogue.discount import normalise_code
from domain.staff.access import Permission
from entrypoints.catalogue_import.records import (
    FieldWrong,
    course_from_record,
    discount_from_record,
)
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import SIGNED_IN, WITH_BODY, refusals
from entrypoints.http.problems import HttpProblem, field_errors
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

TEXT_MAX: Final = 400
COURSES_MAX: Final = 500

Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
Number = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] | int
By = Request[Caller, Any, Any]


class CourseRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A course, spelt as in an import file. Amounts in rupees as text, the GST rate in per cent."""

    id: Text | None = None
    title: Text
    list_price: Number
    price_mode: Text
    sac: Text
    gst_rate: Number
    delivery: Text | None = None
    venue_state: Text | None = None
    exempt: bool | None = None
    active: bool | None = None


class DiscountRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A discount code, spelt as in an import file; days are Indian days, `valid_to` exclusive."""

    code: Text | None = None
    kind: Text
    percent: Number | None = None
    cap: Number | None = None
    amount: Number | None = None
    min_order: Number | None = None
    valid_from: Text | None = None
    valid_to: Text | None = None
    total_limit: int | None = None
    per_student_limit: int | None = None
    courses: Annotated[list[Text], msgspec.Meta(max_length=COURSES_MAX)] | None = None
    active: bool | None = None


@put(
    "/courses/{course_id:str}",
    status_code=HTTPStatus.NO_CONTENT,
    opt=opened_to(Permission.WRITE_COURSES, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Add or replace a course",
    operation_id="put_course",
    responses=refusals(problem_types.COURSE_INVALID, problem_types.CARD_NUMBER, *WITH_BODY),
)
async def put_course(
    request: By,
    course_id: FromPath[str],
    data: Annotated[
        CourseRecord, Body(examples=[Example(summary="An online course", value=examples.COURSE)])
    ],
    deps: Deps,
) -> None:
    """Set the course; what was quoted and opened before keeps its price."""
    record = _record("id", course_id, data)
    try:
        course = course_from_record(record, deps.settings.accepted_tax)
    except FieldWrong as wrong:
        raise _refused(problem_types.COURSE_INVALID, wrong) from None
    await deps.catalogue.replace_courses([course], origin_of_request(request, Source.ADMIN))


@put(
    "/discounts/{code:str}",
    status_code=HTTPStatus.NO_CONTENT,
    opt=opened_to(Permission.WRITE_DISCOUNTS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Add or replace a discount code",
    operation_id="put_discount",
    responses=refusals(problem_types.DISCOUNT_INVALID, *WITH_BODY),
)
async def put_discount(
    request: By,
    code: FromPath[str],
    data: Annotated[
        DiscountRecord, Body(examples=[Example(summary="Ten per cent", value=examples.DISCOUNT)])
    ],
    deps: Deps,
) -> None:
    """Set the code's rules; how often it was used stays counted."""
    named = (
        data if data.code is None else msgspec.structs.replace(data, code=normalise_code(data.code))
    )
    record = _record("code", normalise_code(code), named)
    try:
        discount = discount_from_record(record)
    except FieldWrong as wrong:
        raise _refused(problem_types.DISCOUNT_INVALID, wrong) from None
    await deps.catalogue.replace_discounts([discount], origin_of_request(request, Source.ADMIN))


def _record(field: str, named: str, data: msgspec.Struct) -> dict[str, object]:
    """Return *data* as a record of the thing that the address names."""
    record: dict[str, object] = {
        name: value for name, value in msgspec.structs.asdict(data).items() if value is not None
    }
    if record.setdefault(field, named) != named:
        kind = problem_types.REQUEST_INVALID
        raise HttpProblem(kind, members=field_errors((field, "it is not the one in the address")))
    return record


def _refused(kind: problem_types.ProblemType, wrong: FieldWrong) -> HttpProblem:
    return HttpProblem(kind, f"{wrong}.", members=field_errors((wrong.field, wrong.what)))


admin_routes = Router("/api/admin", route_handlers=[put_course, put_discount], tags=["Catalogue"])
