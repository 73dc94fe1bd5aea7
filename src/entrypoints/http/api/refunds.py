"""The refund API: requested by one member of staff, above a limit approved by another."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Response, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from application.refunds.decide_refund import DecideRefundCommand
from application.refunds.request_refund import RequestRefundCommand
from application.staff.verify_totp import TotpAttempt
from domain.errors import NotFound
from domain.identifiers import PaymentId, RefundId, is_payment_id, is_refund_id
from domain.payments.refund import RequestKey
from domain.payments.refund_state import RefundState
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.idempotency import (
    Replayable,
    answered,
    key_parameter,
    offered_key,
)
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.api.refund_cursor import read_refund_cursor, write_refund_cursor
from entrypoints.http.api.refund_wire import (
    ID_MAX,
    DecisionAnswer,
    DecisionAsked,
    EndedRefunds,
    OpenRefunds,
    RefundAnswer,
    RefundAsked,
)
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, SIGNED_IN, WITH_BODY, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.refunds.refund_queries import StaffPaymentView

IN_PERSON: Final = (
    problem_types.SECOND_FACTOR_MISSING,
    problem_types.SECOND_FACTOR_REFUSED,
    problem_types.SECOND_FACTOR_LOCKED,
    problem_types.NOT_FOUND,
    problem_types.CHANGED_MEANWHILE,
    *WITH_BODY,
)
DECIDED: Final = Body(
    title="The decider's own code",
    examples=[Example(summary="A code", value=examples.DECISION)],
)

By = Request[Caller, Any, Any]


class EndedRefundState(StrEnum):
    """The states of a refund that has come to its end."""

    SUCCESS = "success"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Open(StrEnum):
    """The states of a refund that has not come to an end."""

    AWAITING_APPROVAL = "awaiting_approval"
    REQUESTED = "requested"
    PENDING = "pending"
    MANUAL_REVIEW = "manual_review"


@post(
    "/refund",
    status_code=HTTPStatus.CREATED,
    opt=opened_to(Permission.CREATE_REFUNDS, Budget.REFUND, json=True),
    security=SIGNED_IN,
    summary="Ask for a refund",
    operation_id="request_refund",
    operation_class=Replayable,
    responses=answers(
        HTTPStatus.CREATED,
        RefundAnswer,
        examples.REFUND,
        problem_types.NOT_REFUNDABLE,
        problem_types.REFUND_DISPUTED,
        problem_types.REFUND_TOO_LARGE,
        problem_types.REFUND_TOO_SMALL,
        problem_types.REFUND_STALE,
        problem_types.TOO_MANY_REFUNDS,
        problem_types.REFUND_REASON,
        problem_types.AMOUNT_INEXACT,
        problem_types.CARD_NUMBER,
        problem_types.KEY_MISSING,
        problem_types.KEY_INVALID,
        problem_types.KEY_REUSED,
        *IN_PERSON,
    ),
)
async def ask_refund(
    request: By,
    data: Annotated[
        RefundAsked,
        Body(
            title="What goes back, and why",
            examples=[Example(summary="A part", value=examples.REFUND_ASKED)],
        ),
    ],
    deps: Deps,
    idempotency_key: Annotated[  # noqa: ARG001 - described here, read with its repeats below
        str | None,
        key_parameter(
            "Required without `available_amount`. With the same key and body a request whose answer was lost "
            "can be sent again, with any code, and refunds once."
        ),
    ] = None,
) -> Response[RefundAnswer]:
    """Write the refund down and ask the bank for it, or have it wait for a second member of staff."""
    key = offered_key(request)
    command = RequestRefundCommand(
        payment=data.payment,
        amount=data.money,
        reason=data.reason.strip(),
        origin=origin_of_request(request, Source.ADMIN),
        available=data.available,
        revokes=data.revoke_access,
        key=RequestKey(key=key, body_sha256=data.digest()) if key else None,
    )
    attempt = _totp_attempt(request, Permission.CREATE_REFUNDS, command.payment, data.otp)
    standing = await deps.refunds.authorise_refund.request(command, attempt)
    return answered(RefundAnswer.of(standing), replayed=standing.replayed)


@post(
    "/refund/{refund_id:str}/approve",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.APPROVE_REFUNDS, Budget.REFUND_DECISION, json=True),
    security=SIGNED_IN,
    summary="Approve a colleague's refund",
    operation_id="approve_refund",
    responses=answers(
        HTTPStatus.OK,
        DecisionAnswer,
        examples.APPROVED,
        problem_types.SECOND_PERSON,
        problem_types.REFUND_DISPUTED,
        problem_types.REFUND_DECIDED,
        *IN_PERSON,
    ),
)
async def approve_refund(
    request: By, refund_id: FromPath[str], data: Annotated[DecisionAsked, DECIDED], deps: Deps
) -> DecisionAnswer:
    """Send the refund on its way; whoever asked for it cannot be the one."""
    command = await _decision(request, refund_id, deps)
    attempt = _totp_attempt(request, Permission.APPROVE_REFUNDS, command.refund, data.otp)
    return DecisionAnswer.of(await deps.refunds.authorise_refund.approve(command, attempt))


@post(
    "/refund/{refund_id:str}/reject",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.APPROVE_REFUNDS, Budget.REFUND_DECISION, json=True),
    security=SIGNED_IN,
    summary="Reject a refund",
    operation_id="reject_refund",
    responses=answers(
        HTTPStatus.OK, DecisionAnswer, examples.REJECTED, problem_types.REFUND_DECIDED, *IN_PERSON
    ),
)
async def reject_refund(
    request: By, refund_id: FromPath[str], data: Annotated[DecisionAsked, DECIDED], deps: Deps
) -> DecisionAnswer:
    """End a refund that waits for approval; by its own asker it is withdrawn. The amount is free again."""
    command = await _decision(request, refund_id, deps)
    attempt = _totp_attempt(request, Permission.APPROVE_REFUNDS, command.refund, data.otp)
    return DecisionAnswer.of(await deps.refunds.authorise_refund.reject(command, attempt))


@get(
    "/refunds",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="Refunds that have not come to an end",
    operation_id="list_open_refunds",
    responses=answers(
        HTTPStatus.OK,
        OpenRefunds,
        examples.REFUNDS,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def open_refunds(
    deps: Deps,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
    status: Annotated[
        Open | None, QueryParameter(required=False, description="Only these.")
    ] = None,
) -> OpenRefunds:
    """Return refunds on their way, longest waiting first, page by page."""
    page = await deps.refunds.queries.in_flight(
        after=read_refund_cursor(cursor) if cursor is not None else None,
        state=RefundState(status.value) if status is not None else None,
        at_most=limit,
    )
    return OpenRefunds(
        items=page.items, next=write_refund_cursor(page.next) if page.next is not None else None
    )


@get(
    "/refunds/ended",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="Refunds that have come to their end",
    operation_id="list_ended_refunds",
    responses=answers(
        HTTPStatus.OK,
        EndedRefunds,
        examples.ENDED_REFUNDS,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def ended_refunds(
    deps: Deps,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
    status: Annotated[
        EndedRefundState | None, QueryParameter(required=False, description="Only these.")
    ] = None,
) -> EndedRefunds:
    """Return refunds that were paid, failed, were rejected or withdrawn, the latest request first, page by page."""
    page = await deps.refunds.queries.ended(
        after=read_refund_cursor(cursor) if cursor is not None else None,
        state=RefundState(status.value) if status is not None else None,
        at_most=limit,
    )
    return EndedRefunds(
        items=page.items, next=write_refund_cursor(page.next) if page.next is not None else None
    )


@get(
    "/status/{transaction_id:str}",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="A payment and its refunds, as staff see them",
    operation_id="get_payment_for_staff",
    responses=answers(
        HTTPStatus.OK, StaffPaymentView, examples.STAFF_STATUS, problem_types.NOT_FOUND, *ALWAYS
    ),
)
async def staff_status(transaction_id: FromPath[str], deps: Deps) -> StaffPaymentView:
    """Return the payment as it is in the books; `refundable` is what `available_amount` means."""
    if not is_payment_id(transaction_id):
        raise NotFound("payment", transaction_id[:ID_MAX])
    return await deps.refunds.queries.of_payment(PaymentId(transaction_id))


def _totp_attempt(request: By, permission: Permission, subject: str, code: str) -> TotpAttempt:
    return TotpAttempt(
        staff=StaffId(request.user.id), permission=permission, subject=subject, code=code
    )


async def _decision(request: By, refund_id: str, deps: Dependencies) -> DecideRefundCommand:
    if not is_refund_id(refund_id):
        raise NotFound("refund", refund_id[:ID_MAX])
    refund = RefundId(refund_id)
    return DecideRefundCommand(
        payment=await deps.refunds.queries.payment_of(refund),
        refund=refund,
        origin=origin_of_request(request, Source.ADMIN),
    )


refund_routes = Router(
    "/api/admin/payment",
    route_handlers=[
        *(ask_refund, approve_refund, reject_refund),
        *(open_refunds, ended_refunds, staff_status),
    ],
    tags=["Refunds"],
)
