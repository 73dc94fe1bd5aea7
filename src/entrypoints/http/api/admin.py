"""The catalogue API for staff: list, read, replace a course or a discount code; begun payments keep their price."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

import msgspec
from litestar import Request, Router, get, put
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from domain.catalogue.course import Course, parse_course_id
from domain.catalogue.discount import DiscountCode, normalise_code
from domain.errors import NotFound
from domain.money import CURRENCY
from domain.staff.access import Permission
from entrypoints.catalogue_import.fields import FieldMissing, FieldWrong
from entrypoints.catalogue_import.record_faults import faults_of_course, faults_of_discount
from entrypoints.catalogue_import.records import (
    course_from_record,
    discount_from_record,
    record_of_discount,
)
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.wire import Currency
from entrypoints.http.dependencies import Deps
from entrypoints.http.faults import Fault, FaultCode, body_fault, errors, field_errors
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, WITH_BODY, answers, refusals
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

TEXT_MAX: Final = 400
COURSES_MAX: Final = 500
LISTED_MAX: Final = 1000

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
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, course: Course) -> Self:
        """Return *course* as it can be put back."""
        return cls(
            id=course.id,
            title=course.title,
            list_price=course.list_price.plain(),
            price_mode=course.price_mode.value,
            sac=course.sac,
            gst_rate=f"{course.gst_rate.percent.normalize():f}",
            delivery=course.delivery.value,
            venue_state=course.venue.code if course.venue is not None else None,
            exempt=course.exempt,
            active=course.active,
        )


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
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, discount: DiscountCode) -> Self:
        """Return *discount* as it can be put back."""
        said = record_of_discount(discount)
        return cls(
            code=discount.code,
            kind=said["kind"],
            percent=said["percent"] or None,
            cap=said["cap"] or None,
            amount=said["amount"] or None,
            min_order=said["min_order"] or None,
            valid_from=said["valid_from"] or None,
            valid_to=said["valid_to"] or None,
            total_limit=discount.total_limit,
            per_student_limit=discount.per_student_limit,
            courses=sorted(discount.courses) if discount.courses else None,
            active=discount.active,
        )


class CourseList(msgspec.Struct, frozen=True, kw_only=True):
    """All courses in order of their title, those off sale as well; `more` says that there are others."""

    items: list[CourseRecord]
    more: bool


class DiscountList(msgspec.Struct, frozen=True, kw_only=True):
    """All discount codes in order; `more` says that there are others."""

    items: list[DiscountRecord]
    more: bool


@get(
    "/courses",
    opt=opened_to(Permission.SEE_CATALOGUE, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="All courses",
    operation_id="list_courses",
    responses=answers(HTTPStatus.OK, CourseList, examples.COURSES, *ALWAYS),
)
async def list_courses(deps: Deps) -> CourseList:
    """Return the courses as they can be put back; one is closed by putting it with `active` false."""
    found = await deps.catalogue.on_sale.courses(active_only=False, at_most=LISTED_MAX + 1)
    shown = [CourseRecord.of(each) for each in found[:LISTED_MAX]]
    return CourseList(items=shown, more=len(found) > LISTED_MAX)


@get(
    "/courses/{course_id:str}",
    opt=opened_to(Permission.SEE_CATALOGUE, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="One course",
    operation_id="get_course",
    responses=answers(
        HTTPStatus.OK,
        CourseRecord,
        examples.COURSE_READ,
        problem_types.UNKNOWN_COURSE,
        *ALWAYS,
    ),
)
async def read_course(course_id: FromPath[str], deps: Deps) -> CourseRecord:
    """Return the course as it can be put back, on sale or not."""
    return CourseRecord.of(await deps.catalogue.on_sale.course(parse_course_id(course_id)))


@get(
    "/discounts",
    opt=opened_to(Permission.SEE_CATALOGUE, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="All discount codes",
    operation_id="list_discounts",
    responses=answers(HTTPStatus.OK, DiscountList, examples.DISCOUNTS, *ALWAYS),
)
async def list_discounts(deps: Deps) -> DiscountList:
    """Return the discount codes as they can be put back."""
    found = await deps.catalogue.on_sale.discounts(at_most=LISTED_MAX + 1)
    shown = [DiscountRecord.of(each) for each in found[:LISTED_MAX]]
    return DiscountList(items=shown, more=len(found) > LISTED_MAX)


@get(
    "/discounts/{code:str}",
    opt=opened_to(Permission.SEE_CATALOGUE, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="One discount code",
    operation_id="get_discount",
    responses=answers(
        HTTPStatus.OK,
        DiscountRecord,
        examples.DISCOUNT_READ,
        problem_types.NOT_FOUND,
        *ALWAYS,
    ),
)
async def read_discount(code: FromPath[str], deps: Deps) -> DiscountRecord:
    """Return the discount code as it can be put back."""
    wanted = normalise_code(code)
    found = await deps.catalogue.on_sale.discounts_named([wanted])
    if not found:
        raise NotFound("discount code", "with this name")
    return DiscountRecord.of(found[0])


@put(
    "/courses/{course_id:str}",
    status_code=HTTPStatus.NO_CONTENT,
    opt=opened_to(Permission.WRITE_COURSES, Budget.STAFF, json=True, server_keys=True),
    security=BY_KEY_TOO,
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
        found = faults_of_course(record, deps.settings.accepted_tax)
        raise _refused(problem_types.COURSE_INVALID, wrong, found) from None
    await deps.catalogue.replace_courses([course], origin_of_request(request, Source.ADMIN))


@put(
    "/discounts/{code:str}",
    status_code=HTTPStatus.NO_CONTENT,
    opt=opened_to(Permission.WRITE_DISCOUNTS, Budget.STAFF, json=True, server_keys=True),
    security=BY_KEY_TOO,
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
        found = faults_of_discount(record)
        raise _refused(problem_types.DISCOUNT_INVALID, wrong, found) from None
    await deps.catalogue.replace_discounts([discount], origin_of_request(request, Source.ADMIN))


def _record(field: str, named: str, data: msgspec.Struct) -> dict[str, object]:
    """Return *data* as a record of the thing that the address names."""
    record: dict[str, object] = {
        name: value
        for name, value in msgspec.structs.asdict(data).items()
        if value is not None and name != "currency"
    }
    if record.setdefault(field, named) != named:
        kind = problem_types.REQUEST_INVALID
        raise HttpProblem(kind, members=field_errors((field, "it is not the one in the address")))
    return record


def _refused(
    kind: problem_types.ProblemType, first: FieldWrong, found: Sequence[FieldWrong]
) -> HttpProblem:
    """Return the problem of a record: *first* is what stopped it, *found* all that a writer can mend."""
    told = "; ".join(map(str, found or [first]))
    return HttpProblem(kind, f"{told}.", members=errors(*map(_fault_of, found or [first])))


def _fault_of(wrong: FieldWrong) -> Fault:
    place = (wrong.field,)
    if isinstance(wrong, FieldMissing):
        return body_fault(place, FaultCode.MISSING, wrong.what)
    if wrong.values:
        return body_fault(place, FaultCode.NOT_ALLOWED, wrong.what, allowed_values=wrong.values)
    return body_fault(place, FaultCode.INVALID, wrong.what)


admin_routes = Router(
    "/api/admin",
    route_handlers=[
        *(list_courses, read_course, put_course),
        *(list_discounts, read_discount, put_discount),
    ],
    tags=["Catalogue"],
)
