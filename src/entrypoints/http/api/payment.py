"""The payment API for students: quote, initiate, retry, status and history."""

import hashlib
import logging
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, HeaderParameter, QueryParameter

from application.checkout.idempotency import CheckoutAnswer
from application.checkout.initiate_payment import InitiatePaymentCommand
from application.checkout.quote_course import QuoteCourseCommand
from application.checkout.retry_payment import RetryPaymentCommand
from domain.errors import DomainError, NotFound
from domain.identifiers import PaymentId, is_payment_id
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.staff.access import Permission
from domain.text.language import Language
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.cursor import read_cursor, write_cursor
from entrypoints.http.api.idempotency import (
    Replayable,
    answered,
    key_parameter,
    offered_key,
)
from entrypoints.http.api.instants import CreatedFrom, CreatedTo, read_period
from entrypoints.http.api.wire import (
    HistoryAnswer,
    InitiateAnswer,
    InitiationWanted,
    PaymentWanted,
    QuoteAnswer,
    StudentTold,
)
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.languages import chosen_language
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, WITH_BODY, answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller, Profile
from entrypoints.http.security.rate_limits import Budget
from entrypoints.http.security.server_callers import STUDENT_HEADER
from ports.audit_log import Source
from ports.idempotency import IdempotencyKey
from ports.payments.payment_queries import StatusView

log = logging.getLogger(__name__)

ROUTE: Final = "initiate"
RETRY: Final = "retry"
ID_SAID_MAX: Final = 64
"""So much of what is no id of ours is repeated to whoever asked for it."""

PAGE_USUAL: Final = 20
PAGE_MAX: Final = 100
CODES: Final = (
    problem_types.UNKNOWN_COURSE,
    problem_types.DISCOUNT_REFUSED,
    problem_types.AMOUNT_OUT_OF_LIMITS,
    problem_types.CURRENCY_UNSUPPORTED,
    problem_types.ADDRESS_REQUIRED,
    problem_types.BILLING_INVALID,
    problem_types.STATE_UNKNOWN,
    problem_types.STATE_DISAGREES,
    problem_types.GSTIN_INVALID,
    problem_types.CARD_NUMBER,
    problem_types.STUDENT_INVALID,
    *WITH_BODY,
)
ASKED: Final = Body(
    title="What is bought, and who is billed",
    examples=[Example(summary="With a discount code", value=examples.ASKED)],
)
AGREED: Final = Body(
    title="What is bought, who is billed, and the price that was seen",
    examples=[
        Example(summary="For the price that was seen", value=examples.AGREED),
        Example(summary="By a back end, for a student", value=examples.AGREED_FOR_STUDENT),
    ],
)

KeyOffered = Annotated[
    str | None, key_parameter("A repeat with the same key and body has the same answer.")
]

StudentNamed = Annotated[
    str | None,
    HeaderParameter(
        name=STUDENT_HEADER,
        required=False,
        description="For whom a server key acts: the `sub` of the student. Nothing else may send it.",
        examples=[Example(value="asha")],
    ),
]
By = Request[Caller, Any, Any]


@post(
    "/quote",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.PAY, Budget.QUOTE, json=True, server_keys=True),
    security=BY_KEY_TOO,
    summary="What a course would cost",
    operation_id="quote_course",
    responses=answers(HTTPStatus.OK, QuoteAnswer, examples.QUOTE, *CODES),
)
async def quote(
    request: By,
    data: Annotated[PaymentWanted, ASKED],
    deps: Deps,
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> QuoteAnswer:
    """Return the price of a course for this student, with every tax named. Nothing is kept."""
    data.check_currency()
    wanted = QuoteCourseCommand(
        student=request.user.id, course=data.course, buyer=data.billing.buyer(), code=data.code
    )
    return QuoteAnswer.of(await deps.checkout.quote_course(wanted), deps.checkout.privacy_notice)


@post(
    "/initiate",
    status_code=HTTPStatus.CREATED,
    opt=opened_to(Permission.PAY, Budget.INITIATE, json=True, server_keys=True),
    security=BY_KEY_TOO,
    summary="Open a payment",
    operation_id="initiate_payment",
    operation_class=Replayable,
    responses=answers(
        HTTPStatus.CREATED,
        InitiateAnswer,
        examples.INITIATED,
        problem_types.ALREADY_ENROLLED,
        problem_types.LIVE_ATTEMPT,
        problem_types.PRICE_CHANGED,
        problem_types.PRIVACY_NOTICE_CHANGED,
        problem_types.AMOUNT_INEXACT,
        problem_types.REFERENCE_INVALID,
        problem_types.REFERENCE_USED,
        problem_types.KEY_INVALID,
        problem_types.KEY_REUSED,
        problem_types.KEY_BUSY,
        problem_types.CHANGED_MEANWHILE,
        problem_types.PROFILE_INCOMPLETE,
        problem_types.GATEWAY_UNAVAILABLE,
        problem_types.GATEWAY_AWAY,
        problem_types.GATEWAY_REFUSED,
        problem_types.GATEWAY_DENIED,
        *CODES,
    ),
)
async def initiate(
    request: By,
    data: Annotated[InitiationWanted, AGREED],
    deps: Deps,
    idempotency_key: KeyOffered = None,  # noqa: ARG001 - described here, read with its repeats below
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> Response[InitiateAnswer]:
    """Open a payment and return the bank's page to pay on; with nothing to pay the course is open."""
    answer = await opened(request, deps, data, offered_key(request))
    return answered(InitiateAnswer.of(answer.payment), replayed=answer.replayed)


@post(
    "/retry/{transaction_id:str}",
    status_code=HTTPStatus.CREATED,
    opt=opened_to(
        Permission.PAY, Budget.INITIATE, budget_of_payment=Budget.RETRY, server_keys=True
    ),
    security=BY_KEY_TOO,
    summary="Try a payment again",
    operation_id="retry_payment",
    operation_class=Replayable,
    responses=answers(
        HTTPStatus.CREATED,
        InitiateAnswer,
        examples.RETRIED,
        problem_types.NOT_FOUND,
        problem_types.UNKNOWN_COURSE,
        problem_types.RETRY_REFUSED,
        problem_types.PRICE_CHANGED,
        problem_types.ALREADY_ENROLLED,
        problem_types.LIVE_ATTEMPT,
        problem_types.DISCOUNT_REFUSED,
        problem_types.AMOUNT_OUT_OF_LIMITS,
        problem_types.ADDRESS_REQUIRED,
        problem_types.REFERENCE_USED,
        problem_types.KEY_INVALID,
        problem_types.KEY_REUSED,
        problem_types.KEY_BUSY,
        problem_types.CHANGED_MEANWHILE,
        problem_types.GATEWAY_UNAVAILABLE,
        problem_types.GATEWAY_REFUSED,
        problem_types.GATEWAY_DENIED,
        problem_types.CSRF_REFUSED,
        problem_types.STUDENT_INVALID,
        *ALWAYS,
    ),
)
async def retry(
    request: By,
    transaction_id: FromPath[str],
    deps: Deps,
    idempotency_key: KeyOffered = None,  # noqa: ARG001 - described here, read with its repeats below
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> Response[InitiateAnswer]:
    """
    Open a new payment for what a failed or expired one was for, at the same price.

    The bank is asked about the old one first: money it took after all is a sale, and the retry is refused.
    """
    answer = await retried(request, transaction_id, deps, offered_key(request))
    return answered(InitiateAnswer.of(answer.payment), replayed=answer.replayed)


@post(
    "/cancel/{transaction_id:str}",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.PAY, Budget.INITIATE, server_keys=True),
    security=BY_KEY_TOO,
    summary="End an open payment",
    operation_id="cancel_payment",
    responses=answers(
        HTTPStatus.OK,
        StatusView,
        examples.CANCELLED,
        problem_types.NOT_FOUND,
        problem_types.NOT_CANCELLABLE,
        problem_types.CHANGED_MEANWHILE,
        problem_types.GATEWAY_UNAVAILABLE,
        problem_types.GATEWAY_AWAY,
        problem_types.GATEWAY_DENIED,
        problem_types.CSRF_REFUSED,
        problem_types.STUDENT_INVALID,
        *ALWAYS,
    ),
)
async def cancel(
    request: By,
    transaction_id: FromPath[str],
    deps: Deps,
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> StatusView:
    """
    End a payment that nobody has begun to pay, so that another can begin in its place.

    The bank is asked first. Its page stays open until the session lapses; money that it takes all the same is a
    sale, or goes back where the course is open by then.
    """
    payment = await cancelled(request, transaction_id, deps)
    return await deps.payments.status(payment.id, request.user.id)


@get(
    "/status/{transaction_id:str}",
    opt=opened_to(Permission.SEE_OWN_PAYMENTS, Budget.READ, server_keys=True),
    security=BY_KEY_TOO,
    summary="How a payment stands",
    operation_id="get_payment",
    responses=answers(
        HTTPStatus.OK,
        StatusView,
        examples.STATUS,
        problem_types.NOT_FOUND,
        problem_types.STUDENT_INVALID,
        *ALWAYS,
    ),
)
async def status(
    request: By,
    transaction_id: FromPath[str],
    deps: Deps,
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> StatusView:
    """Return the payment, asked afresh from the bank when it is not final."""
    return await status_of(request, transaction_id, deps)


@get(
    "/history",
    opt=opened_to(Permission.SEE_OWN_PAYMENTS, Budget.READ, server_keys=True),
    security=BY_KEY_TOO,
    summary="All payments of the student",
    operation_id="list_payments",
    responses=answers(
        HTTPStatus.OK,
        HistoryAnswer,
        examples.HISTORY,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        problem_types.STUDENT_INVALID,
        *ALWAYS,
    ),
)
async def history(
    request: By,
    deps: Deps,
    *,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
    status: Annotated[
        State | None, QueryParameter(required=False, description="Only these.")
    ] = None,
    created_from: CreatedFrom = "",
    created_to: CreatedTo = "",
    shulk_student: StudentNamed = None,  # noqa: ARG001 - described here, read with the key
) -> HistoryAnswer:
    """Return payments newest first, page by page."""
    opened_from, opened_before = read_period(created_from, created_to)
    page = await deps.payments.history(
        request.user.id,
        after=read_cursor(cursor) if cursor is not None else None,
        states=None if status is None else (status,),
        opened_from=opened_from,
        opened_before=opened_before,
        at_most=limit,
    )
    return HistoryAnswer(
        items=page.items, next=write_cursor(page.next) if page.next is not None else None
    )


async def opened(
    request: By, deps: Dependencies, asked: InitiationWanted, key: str | None
) -> CheckoutAnswer:
    """Return the payment the student asks for; what is refused before it comes to that is recorded too."""
    try:
        wanted = _initiation(request, asked, key)
    except DomainError as refusal:
        origin = origin_of_request(request, Source.INITIATE)
        await deps.checkout.record_refusal(request.user.id, refusal, origin)
        raise
    return await deps.checkout.initiate_payment(wanted)


def _initiation(request: By, wanted: InitiationWanted, key: str | None) -> InitiatePaymentCommand:
    """Return what the student asks for, checked, with who and where from."""
    wanted.check_currency()
    student = _payer(request.user, wanted.student).student(
        chosen_language(request) or Language.ENGLISH
    )
    return InitiatePaymentCommand(
        student=student,
        course=wanted.course,
        buyer=wanted.billing.buyer(),
        code=wanted.code,
        key=IdempotencyKey(student=student.id, route=ROUTE, key=key) if key else None,
        body_sha256=wanted.digest(),
        origin=origin_of_request(request, Source.INITIATE),
        expected=wanted.expected,
        client_reference=wanted.reference,
        consent=wanted.agreed,
    )


def _payer(caller: Caller, told: StudentTold | None) -> Caller:
    """Return *caller* with what a back end tells about the student; a token tells it itself."""
    if caller.key is None:
        if told is not None:
            raise HttpProblem(
                problem_types.REQUEST_INVALID, "Only a server key may send `student`."
            )
        return caller
    claims = msgspec.to_builtins(told) if told is not None else {}
    return caller.with_profile(Profile.from_claims(claims))


async def retried(
    request: By, transaction_id: str, deps: Dependencies, key: str | None
) -> CheckoutAnswer:
    """Return the payment that tries the student's own once more."""
    payment, student = named(transaction_id), request.user.id
    return await deps.checkout.retry_payment(
        RetryPaymentCommand(
            payment=payment,
            student=student,
            key=IdempotencyKey(student=student, route=RETRY, key=key) if key else None,
            body_sha256=hashlib.sha256(payment.encode()).hexdigest(),
            origin=origin_of_request(request, Source.INITIATE),
            language=chosen_language(request),
        )
    )


async def cancelled(request: By, transaction_id: str, deps: Dependencies) -> Payment:
    """Return the student's own payment, ended at their wish."""
    origin = origin_of_request(request, Source.INITIATE)
    return await deps.checkout.cancel_payment(named(transaction_id), request.user.id, origin)


async def status_of(request: By, transaction_id: str, deps: Dependencies) -> StatusView:
    """Return the student's own payment, or raise ``NotFound``."""
    origin = origin_of_request(request, Source.STATUS)
    return await deps.evidence.check_status(named(transaction_id), request.user.id, origin)


def named(transaction_id: str) -> PaymentId:
    """Return the id that was asked for, or raise ``NotFound`` for what can be none."""
    if not is_payment_id(transaction_id):
        raise NotFound("payment", transaction_id[:ID_SAID_MAX])
    return PaymentId(transaction_id)


payment_routes = Router(
    "/api/payment",
    route_handlers=[quote, initiate, retry, cancel, status, history],
    tags=["Payments"],
)
