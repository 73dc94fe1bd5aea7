"""Which course is open to whom, for the platform, for staff, and for students their own."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

import msgspec
from litestar import Request, Router, get
from litestar.params import QueryParameter

from domain.catalogue.course import CourseId
from domain.identifiers import PaymentId, StudentId, is_payment_id
from domain.staff.access import NotAllowed, Permission
from domain.text.opaque_id import PERSON_ID_MAX
from entrypoints.http import problem_types
from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.api.payment import StudentNamed
from entrypoints.http.api.wire import CODE_MAX, TransactionId
from entrypoints.http.dependencies import Deps
from entrypoints.http.faults import FaultCode, errors, parameter_fault
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from entrypoints.settings.settings import Settings
from ports.payments.enrolment_queries import EnrolmentCursor, EnrolmentFilter, EnrolmentView

PAGE_USUAL: Final = 50
PAGE_MAX: Final = 200
By = Request[Caller, Any, Any]


class EnrolmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    The course is open to the student since `started_at` until `ended_at`, null while it is. `course_url` is where it
    is taken, null when no address is set.
    """

    transaction_id: TransactionId
    student_id: str
    course_id: str
    course_url: str | None
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, enrolment: EnrolmentView, settings: Settings) -> Self:
        return cls(
            transaction_id=enrolment.payment,
            student_id=enrolment.student,
            course_id=enrolment.course,
            course_url=settings.course_link(enrolment.course),
            started_at=enrolment.started_at,
            ended_at=enrolment.ended_at,
        )


class EnrolmentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of enrolments, what changed first comes first; `next` is null on the last page."""

    items: Sequence[EnrolmentAnswer]
    next: str | None


ENROLMENTS: Final = {
    "items": [
        {
            "transaction_id": "SKABCDEFGH234567JKLM",
            "student_id": "asha",
            "course_id": "python-foundations",
            "course_url": "https://platform.example/courses/python-foundations",
            "started_at": "2026-11-30T06:30:00Z",
            "ended_at": None,
        }
    ],
    "next": None,
}


@get(
    "/",
    opt=opened_to(
        Permission.SEE_OWN_PAYMENTS,
        Budget.READ,
        or_else=Permission.SEE_ENROLMENTS,
        server_keys=True,
    ),
    security=BY_KEY_TOO,
    summary="Which course is open to whom",
    operation_id="list_enrolments",
    responses=answers(
        HTTPStatus.OK,
        EnrolmentsAnswer,
        ENROLMENTS,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        problem_types.STUDENT_INVALID,
        *ALWAYS,
    ),
)
async def enrolments(
    request: By,
    deps: Deps,
    *,
    student: Annotated[
        str | None,
        QueryParameter(required=False, max_length=PERSON_ID_MAX, description="Only this one's."),
    ] = None,
    course: Annotated[
        str | None,
        QueryParameter(required=False, max_length=CODE_MAX, description="Only of this course."),
    ] = None,
    since: Annotated[
        datetime | None,
        QueryParameter(
            required=False,
            description="Only what began or ended at this instant or later, with its offset.",
        ),
    ] = None,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> EnrolmentsAnswer:
    """
    Return enrolments in the order in which they began or ended last, page by page; students see their own.

    To keep in step, ask again with `since` a minute before the last change that you know of: what is written at the
    same moment may show a little later. An enrolment that ends comes again.
    """
    if since is not None and since.tzinfo is None:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            members=errors(
                parameter_fault("since", FaultCode.INVALID, "it has no offset from UTC")
            ),
        )
    wanted = EnrolmentFilter(
        student=_whose(request.user, student),
        course=CourseId(course) if course is not None else None,
        changed_from=since,
    )
    after = _read_cursor(cursor) if cursor is not None else None
    page = await deps.enrolments.find(wanted, after=after, at_most=limit)
    more = page.next
    return EnrolmentsAnswer(
        items=[EnrolmentAnswer.of(each, deps.settings) for each in page.items],
        next=write_text_cursor(more.changed_at, more.payment) if more is not None else None,
    )


def _whose(caller: Caller, asked: str | None) -> StudentId | None:
    """Return whose enrolments are listed, None for everybody's; a student asks for nobody else's."""
    if not caller.may(Permission.SEE_ENROLMENTS):
        if asked not in {None, caller.id}:
            raise NotAllowed(Permission.SEE_ENROLMENTS)
        return caller.id
    return StudentId(asked) if asked is not None else None


def _read_cursor(text: str) -> EnrolmentCursor:
    changed_at, payment = read_text_cursor(text)
    if not is_payment_id(payment):
        raise HttpProblem(problem_types.CURSOR_INVALID)
    return EnrolmentCursor(changed_at, PaymentId(payment))


enrolment_routes = Router("/api/enrolments", route_handlers=[enrolments], tags=["Enrolments"])
