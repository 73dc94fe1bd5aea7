"""The review API: payments that staff have to review, and what ends a review."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

import msgspec
from litestar import Request, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Meta

from application.reviews.resolve_review import Resolved, ResolveReviewCommand
from domain.errors import NotFound
from domain.identifiers import PaymentId, is_payment_id
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.payments.resolution import PERMISSION_FOR, Resolution
from domain.staff.access import Permission, check_permission
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.api.refund_wire import ID_MAX, REASON_MAX, REASON_MIN, Code
from entrypoints.http.api.refunds import IN_PERSON
from entrypoints.http.api.review_cursor import read_review_cursor, write_review_cursor
from entrypoints.http.api.wire import TransactionId
from entrypoints.http.dependencies import Deps
from entrypoints.http.faults import FaultCode, field_errors
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, SIGNED_IN, answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_refund, opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.reviews.review_queries import ReviewedPayment

CODE_MISSING: Final = "it is needed for this action"


class PaymentsUnderReview(msgspec.Struct, frozen=True, kw_only=True):
    """A page of payments under review, the longest first; `next` null on the last."""

    items: Sequence[ReviewedPayment]
    next: str | None


class ResolutionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What is done about one reason of the payment. `read_again` reads the order at the bank, `close` ends
    the session without a sale, `give_back` refunds all that is left, and `accept` lets stand what the
    bank did. Every action but `read_again` needs `otp`.
    """

    review_reason: ReviewReason
    action: Resolution
    reason: Annotated[
        str,
        Meta(
            min_length=REASON_MIN,
            max_length=REASON_MAX,
            description="3 to 200 characters for the audit trail; no card numbers.",
            examples=["Paid by card and by UPI"],
        ),
    ]
    otp: Code | None = None


class ResolutionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The payment after the action: what it is still under review for, and the refund that was requested."""

    transaction_id: TransactionId
    status: State
    review_reasons: Sequence[ReviewReason]
    refund_id: str | None
    refund_status: RefundState | None

    @classmethod
    def of(cls, resolved: Resolved) -> Self:
        payment, refund = resolved.payment, resolved.refund
        return cls(
            transaction_id=payment.id,
            status=payment.state,
            review_reasons=[each.reason for each in payment.review.known],
            refund_id=refund.id if refund else None,
            refund_status=refund.state if refund else None,
        )


@get(
    "/review",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="Payments under review",
    operation_id="list_payments_under_review",
    responses=answers(
        HTTPStatus.OK,
        PaymentsUnderReview,
        examples.REVIEWS,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def payments_under_review(
    deps: Deps,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
    reason: Annotated[
        ReviewReason | None, QueryParameter(required=False, description="Only these.")
    ] = None,
) -> PaymentsUnderReview:
    """Return payments that staff have to review, longest under review first, page by page."""
    page = await deps.reviews.queries.under_review(
        after=read_review_cursor(cursor) if cursor is not None else None,
        reason=reason,
        at_most=limit,
    )
    return PaymentsUnderReview(
        items=page.items, next=write_review_cursor(page.next) if page.next is not None else None
    )


@post(
    "/{transaction_id:str}/resolve",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.ASK_BANK, Budget.RESOLUTION, json=True),
    security=SIGNED_IN,
    summary="End the review of a payment",
    operation_id="resolve_review",
    responses=answers(
        HTTPStatus.OK,
        ResolutionAnswer,
        examples.RESOLVED,
        problem_types.NOT_UNDER_REVIEW,
        problem_types.RESOLUTION_UNLAWFUL,
        problem_types.REFUND_REASON,
        problem_types.REFUND_STALE,
        problem_types.TOO_MANY_REFUNDS,
        problem_types.CARD_NUMBER,
        problem_types.GATEWAY_UNAVAILABLE,
        problem_types.GATEWAY_AWAY,
        problem_types.GATEWAY_REFUSED,
        *IN_PERSON,
    ),
)
async def resolve_review(
    request: Request[Caller, Any, Any],
    transaction_id: FromPath[str],
    data: Annotated[
        ResolutionAsked,
        Body(
            title="The reason, the action and why",
            examples=[Example(summary="Give back", value=examples.RESOLUTION_ASKED)],
        ),
    ],
    deps: Deps,
) -> ResolutionAnswer:
    """Do what ends one reason for the review, or is meant to; the audit log names who did it and why."""
    if not is_payment_id(transaction_id):
        raise NotFound("payment", transaction_id[:ID_MAX])
    check_permission(request.user.roles, PERMISSION_FOR[data.action])
    if data.otp is None and data.action is not Resolution.READ_AGAIN:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            members=field_errors(("otp", CODE_MISSING), code=FaultCode.MISSING),
        )
    if data.action is Resolution.GIVE_BACK:
        await count_refund(request)
    command = ResolveReviewCommand(
        payment=PaymentId(transaction_id),
        review_reason=data.review_reason,
        resolution=data.action,
        reason=data.reason,
        staff=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        code=data.otp or "",
    )
    return ResolutionAnswer.of(await deps.reviews.resolve_review(command))


review_routes = Router(
    "/api/admin/payments",
    route_handlers=[payments_under_review, resolve_review],
    tags=["Reviews"],
)
