"""The discrepancy API: what books and bank disagree on, and what people decide about it."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Response, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter

from application.discrepancies.decide_resolution import DecideResolutionCommand
from application.discrepancies.resolve_discrepancies import ResolveDiscrepanciesCommand
from domain.errors import NotFound
from domain.identifiers import DiscrepancyId, is_discrepancy_id
from domain.payments.refund import RequestKey
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Owner
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from entrypoints.http import problem_types
from entrypoints.http.api import examples
from entrypoints.http.api.discrepancy_cursor import (
    read_discrepancy_cursor,
    write_discrepancy_cursor,
)
from entrypoints.http.api.discrepancy_wire import (
    ApprovalAsked,
    DiscrepanciesPage,
    DiscrepancyDetail,
    DiscrepancyView,
    OutcomesAnswer,
    ResolutionsAsked,
    versions_by_id,
)
from entrypoints.http.api.idempotency import (
    Replayable,
    answered,
    key_parameter,
    offered_key,
)
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.api.refund_wire import ID_MAX
from entrypoints.http.dependencies import Deps
from entrypoints.http.faults import FaultCode, field_errors
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_refund, opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.reconciliation.discrepancy_queries import DiscrepancyFilter, DiscrepancyOrder

SEARCH_MAX: Final = 160
DAYS_MAX: Final = 3660
CODE_MISSING: Final = "it is needed for this action"

By = Request[Caller, Any, Any]


@get(
    "/",
    opt=opened_to(Permission.SEE_DISCREPANCIES, Budget.STAFF),
    security=SIGNED_IN,
    summary="Discrepancies between books and bank",
    operation_id="list_discrepancies",
    responses=answers(
        HTTPStatus.OK,
        DiscrepanciesPage,
        examples.DISCREPANCIES,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def discrepancies(
    deps: Deps,
    *,
    types: Annotated[
        list[DiscrepancyType] | None,
        QueryParameter(name="type", required=False, description="Only these."),
    ] = None,
    cause: Annotated[
        list[Cause] | None, QueryParameter(required=False, description="Only these.")
    ] = None,
    states: Annotated[
        list[DiscrepancyState] | None,
        QueryParameter(name="state", required=False, description="Only these."),
    ] = None,
    owner: Annotated[
        list[Owner] | None, QueryParameter(required=False, description="Only these.")
    ] = None,
    older_than_days: Annotated[
        int | None,
        QueryParameter(
            required=False,
            ge=0,
            le=DAYS_MAX,
            description="Found first so many days ago, or earlier.",
        ),
    ] = None,
    proposed: Annotated[
        bool,
        QueryParameter(description="Only those of which a resolution waits for a second person."),
    ] = False,
    search: Annotated[
        str | None,
        QueryParameter(
            required=False,
            max_length=SEARCH_MAX,
            description="A whole id: discrepancy, payment, refund, settlement, RRN, UTR.",
        ),
    ] = None,
    order: Annotated[
        DiscrepancyOrder, QueryParameter(description="What comes first.")
    ] = DiscrepancyOrder.PRIORITY,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
) -> DiscrepanciesPage:
    """Return discrepancies in the order of their priority, or the newest first, page by page."""
    now = deps.clock.now()
    wanted = DiscrepancyFilter(
        types=frozenset(types or ()),
        causes=frozenset(cause or ()),
        states=frozenset(states or ()),
        owners=frozenset(owner or ()),
        found_before=None if older_than_days is None else now - timedelta(days=older_than_days),
        proposed=proposed,
        search=search.strip() if search and search.strip() else None,
    )
    after = read_discrepancy_cursor(cursor) if cursor is not None else None
    page = await deps.discrepancies.queries.page(
        wanted, order=order, at=now, after=after, at_most=limit
    )
    return DiscrepanciesPage(
        items=[DiscrepancyView.of(each, now) for each in page.items],
        next=write_discrepancy_cursor(page.next) if page.next is not None else None,
    )


@get(
    "/{discrepancy_id:str}",
    opt=opened_to(Permission.SEE_DISCREPANCIES, Budget.STAFF),
    security=SIGNED_IN,
    summary="A discrepancy with its evidence",
    operation_id="get_discrepancy",
    responses=answers(
        HTTPStatus.OK,
        DiscrepancyDetail,
        examples.DISCREPANCY_DETAIL,
        problem_types.NOT_FOUND,
        *ALWAYS,
    ),
)
async def discrepancy(discrepancy_id: FromPath[str], deps: Deps) -> DiscrepancyDetail:
    """Return both sides, the evidence, every decision, and what happened in order."""
    if not is_discrepancy_id(discrepancy_id):
        raise NotFound("discrepancy", discrepancy_id[:ID_MAX])
    queries = deps.discrepancies.queries
    found = await queries.get(DiscrepancyId(discrepancy_id))
    history = await queries.resolutions(found.id)
    return DiscrepancyDetail.with_history(found, history, deps.clock.now())


@post(
    "/resolve",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.RESOLVE_DISCREPANCIES, Budget.RESOLUTION, json=True),
    security=SIGNED_IN,
    summary="Resolve discrepancies",
    operation_id="resolve_discrepancies",
    operation_class=Replayable,
    responses=answers(
        HTTPStatus.OK,
        OutcomesAnswer,
        examples.DISCREPANCIES_RESOLVED,
        problem_types.RESOLUTION_FIELD,
        problem_types.TOO_MANY_DISCREPANCIES,
        problem_types.AMOUNT_INEXACT,
        problem_types.KEY_INVALID,
        *WITH_BODY,
    ),
)
async def resolve_discrepancies(
    request: By,
    data: Annotated[
        ResolutionsAsked,
        Body(
            title="Which, what and why",
            examples=[Example(summary="Write off", value=examples.RESOLUTIONS_ASKED)],
        ),
    ],
    deps: Deps,
    idempotency_key: Annotated[  # noqa: ARG001 - described here, read with its repeats below
        str | None,
        key_parameter(
            "With the same key and body a request whose answer was lost can be sent again, and decides once."
        ),
    ] = None,
) -> Response[OutcomesAnswer]:
    """Do one action on each discrepancy: in force at once, or proposed to a second person."""
    refunds = data.action is ResolutionAction.REFUND_STUDENT and not data.dry_run
    if data.otp is None and refunds:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            members=field_errors(("otp", CODE_MISSING), code=FaultCode.MISSING),
        )
    for _ in data.ids if refunds else ():
        await count_refund(request)
    key = offered_key(request)
    command = ResolveDiscrepanciesCommand(
        versions=versions_by_id(data.ids, data.version),
        action=data.action,
        note=data.note,
        staff=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        account=data.account,
        payment=data.payment,
        amount=data.money,
        until=data.until,
        key=RequestKey(key=key, body_sha256=data.digest()) if key else None,
        code=data.otp or "",
        dry_run=data.dry_run,
    )
    outcomes = await deps.discrepancies.resolve(command)
    replayed = all(each.standing is not None and each.standing.replayed for each in outcomes)
    answer = OutcomesAnswer.of(outcomes, deps.settings.public_url)
    return answered(answer, replayed=replayed)


@post(
    "/approve",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.RESOLVE_DISCREPANCIES, Budget.RESOLUTION, json=True),
    security=SIGNED_IN,
    summary="Approve what a colleague proposed",
    operation_id="approve_resolutions",
    responses=answers(
        HTTPStatus.OK,
        OutcomesAnswer,
        examples.DISCREPANCIES_APPROVED,
        problem_types.TOO_MANY_DISCREPANCIES,
        *WITH_BODY,
    ),
)
async def approve_resolutions(
    request: By,
    data: Annotated[ApprovalAsked, Body(examples=[Example(value=examples.APPROVAL_ASKED)])],
    deps: Deps,
) -> OutcomesAnswer:
    """Let each proposal come into force, and post it; who proposed it cannot be the one."""
    outcomes = await deps.discrepancies.decide.approve(_decision(request, data))
    return OutcomesAnswer.of(outcomes, deps.settings.public_url)


@post(
    "/reject",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.RESOLVE_DISCREPANCIES, Budget.RESOLUTION, json=True),
    security=SIGNED_IN,
    summary="Reject what was proposed",
    operation_id="reject_resolutions",
    responses=answers(
        HTTPStatus.OK,
        OutcomesAnswer,
        examples.DISCREPANCIES_REJECTED,
        problem_types.TOO_MANY_DISCREPANCIES,
        *WITH_BODY,
    ),
)
async def reject_resolutions(
    request: By,
    data: Annotated[ApprovalAsked, Body(examples=[Example(value=examples.APPROVAL_ASKED)])],
    deps: Deps,
) -> OutcomesAnswer:
    """End each proposal: withdrawn by who made it, otherwise rejected; the discrepancy is open again."""
    outcomes = await deps.discrepancies.decide.reject(_decision(request, data))
    return OutcomesAnswer.of(outcomes, deps.settings.public_url)


def _decision(request: By, data: ApprovalAsked) -> DecideResolutionCommand:
    return DecideResolutionCommand(
        versions=versions_by_id(data.ids, data.version),
        origin=origin_of_request(request, Source.ADMIN),
    )


discrepancy_routes = Router(
    "/api/admin/discrepancies", route_handlers=[discrepancies, discrepancy], tags=["Reconciliation"]
)
resolution_routes = Router(
    "/api/admin/reconciliation",
    route_handlers=[resolve_discrepancies, approve_resolutions, reject_resolutions],
    tags=["Reconciliation"],
)
