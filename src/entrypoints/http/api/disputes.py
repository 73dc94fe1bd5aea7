"""The list of disputed payments for staff, by deadline."""

from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from domain.money import CURRENCY
from domain.payments.dispute_state import DisputeState
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.cursor import read_cursor, write_cursor
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.api.wire import Currency
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, BY_KEY_TOO, answers
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.rate_limits import Budget
from ports.payments.payment_queries import HistoryCursor
from ports.refunds.refund_queries import DisputeCursor, DisputedPayment


class OpenDispute(StrEnum):
    """The states of a dispute that has not come to an end."""

    RECEIVED = "received"
    EVIDENCE_REQUIRED = "evidence_required"
    UNDER_REVIEW = "under_review"


class DisputedPayments(msgspec.Struct, frozen=True, kw_only=True):
    """A page of payments with an open dispute, the earliest deadline first; `next` null on the last."""

    items: Sequence[DisputedPayment]
    next: str | None
    currency: Currency = CURRENCY


@get(
    "/disputes",
    opt=opened_to(Permission.SEE_ALL_PAYMENTS, Budget.STAFF, server_keys=True),
    security=BY_KEY_TOO,
    summary="Payments with an open dispute",
    operation_id="list_disputes",
    responses=answers(
        HTTPStatus.OK,
        DisputedPayments,
        examples.DISPUTES,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def disputed_payments(
    deps: Deps,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
    status: Annotated[
        OpenDispute | None, QueryParameter(required=False, description="Only these.")
    ] = None,
) -> DisputedPayments:
    """Return payments whose charge is disputed, earliest deadline for evidence first, page by page."""
    page = await deps.refunds.queries.disputed(
        after=_read(cursor) if cursor is not None else None,
        state=DisputeState(status.value) if status is not None else None,
        at_most=limit,
    )
    return DisputedPayments(
        items=page.items,
        next=write_cursor(HistoryCursor(page.next.respond_by, page.next.payment))
        if page.next is not None
        else None,
    )


def _read(text: str) -> DisputeCursor:
    read = read_cursor(text)
    return DisputeCursor(read.opened_at, read.payment)


dispute_routes = Router("/api/admin", route_handlers=[disputed_payments], tags=["Refunds"])
