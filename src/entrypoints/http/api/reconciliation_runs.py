"""The API of the runs of the reconciliation: asked for, listed, and shown with what each of them found."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Response, Router, get, post
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Stream

from domain.errors import NotFound
from domain.reconciliation.run import Run, RunId, RunTrigger, is_run_id
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api import run_examples as examples
from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.api.discrepancy_cursor import (
    read_discrepancy_cursor,
    write_discrepancy_cursor,
)
from entrypoints.http.api.discrepancy_wire import DiscrepanciesPage, DiscrepancyView
from entrypoints.http.api.file_stream import WORKBOOK, streamed
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.api.refund_wire import ID_MAX
from entrypoints.http.api.run_wire import RunAsked, RunDetail, RunsPage, RunView
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers, refusals
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.reconciliation.discrepancy_queries import (
    DiscrepancyCursor,
    DiscrepancyFilter,
    DiscrepancyOrder,
)
from ports.reconciliation.run_export_files import RunExportFormat

ADDRESS: Final = "/api/admin/reconciliation"
ENDINGS: Final = {RunExportFormat.CSV: "zip", RunExportFormat.XLSX: "xlsx"}
MEDIA_TYPES: Final = {RunExportFormat.CSV: "application/zip", RunExportFormat.XLSX: WORKBOOK}
EXPORTED: Final = {
    int(HTTPStatus.OK): ResponseSpec(
        data_container=bytes,
        generate_examples=False,
        description="The run as a file",
        media_type="application/octet-stream",
        examples=[Example(summary="The beginning of a workbook", value="PK")],
    )
} | refusals(
    problem_types.NOT_FOUND,
    problem_types.RUN_NOT_CONCLUDED,
    problem_types.REQUEST_INVALID,
    *ALWAYS,
)

By = Request[Caller, Any, Any]
Cursor = Annotated[
    str | None, QueryParameter(required=False, description="`next` of the page before.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")]


@post(
    "/run",
    status_code=HTTPStatus.ACCEPTED,
    opt=opened_to(Permission.RUN_RECONCILIATION, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Ask for a reconciliation",
    operation_id="run_reconciliation",
    responses=answers(
        HTTPStatus.ACCEPTED,
        RunView,
        examples.REQUESTED,
        problem_types.RANGE_REFUSED,
        problem_types.TOO_MANY_RUNS,
        *WITH_BODY,
    ),
)
async def run_reconciliation(
    request: By,
    data: Annotated[
        RunAsked,
        Body(
            title="Which business dates",
            examples=[Example(summary="Two days", value=examples.ASKED)],
        ),
    ],
    deps: Deps,
) -> Response[RunView]:
    """
    Have a worker reconcile these days, at once; `Location` is where the run is read. While one of
    the same range has not ended, that one is answered. One person asks for at most ten a day.
    """
    origin = origin_of_request(request, Source.ADMIN)
    run = await deps.reconciliation.ask(data.first, data.last, RunTrigger.BUTTON, origin)
    await deps.process.wake_workers()
    return Response(
        RunView.of(run),
        status_code=HTTPStatus.ACCEPTED,
        headers={"Location": f"{ADDRESS}/{run.id}"},
    )


@get(
    "/",
    opt=opened_to(Permission.SEE_DISCREPANCIES, Budget.STAFF),
    security=SIGNED_IN,
    summary="Runs of the reconciliation",
    operation_id="list_reconciliations",
    responses=answers(
        HTTPStatus.OK,
        RunsPage,
        examples.RUNS,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def reconciliations(deps: Deps, cursor: Cursor = None, limit: Limit = PAGE_USUAL) -> RunsPage:
    """Return runs, those that were asked for last first, page by page."""
    before = _read_run_cursor(cursor) if cursor is not None else None
    runs = await deps.reconciliation.runs.page(before=before, at_most=limit + 1)
    shown = runs[:limit]
    last = shown[-1] if len(runs) > limit else None
    return RunsPage(
        items=[RunView.of(each) for each in shown],
        next=None if last is None else write_text_cursor(last.requested_at, last.id),
    )


@get(
    "/{run_id:str}",
    opt=opened_to(Permission.SEE_DISCREPANCIES, Budget.STAFF),
    security=SIGNED_IN,
    summary="A run with what it came to, and what it found",
    operation_id="get_reconciliation",
    responses=answers(
        HTTPStatus.OK,
        RunDetail,
        examples.RUN,
        problem_types.NOT_FOUND,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def reconciliation(
    run_id: FromPath[str], deps: Deps, cursor: Cursor = None, limit: Limit = PAGE_USUAL
) -> RunDetail:
    """
    Return the run with a page of what it found; `found.next` leads to the next one. A discrepancy that was
    closed when the run ended, and was found again by a later one, is among them.
    """
    if not is_run_id(run_id):
        raise NotFound("reconciliation", run_id[:ID_MAX])
    after = read_discrepancy_cursor(cursor) if cursor is not None else None
    run = await deps.reconciliation.runs.get(RunId(run_id))
    return RunDetail.with_found(run, await _found(run, deps, after, limit))


@get(
    "/{run_id:str}/export",
    opt=opened_to(Permission.SEE_DISCREPANCIES, Budget.STAFF),
    security=SIGNED_IN,
    summary="A run as a workbook, or as CSV files",
    operation_id="export_reconciliation",
    responses=EXPORTED,
)
async def export_reconciliation(
    request: By,
    run_id: FromPath[str],
    deps: Deps,
    format: Annotated[  # noqa: A002  # a refusal names the parameter as it was sent
        RunExportFormat,
        QueryParameter(
            description="`xlsx` for a workbook; `csv` for a CSV file of each sheet in an archive."
        ),
    ] = RunExportFormat.XLSX,
) -> Stream:
    """
    Return the run with its sheets Summary, Settlements, Matched, Expected, Discrepancies, Bank credits and
    Journal; times are in India. The audit log names who exported it.
    """
    if not is_run_id(run_id):
        raise NotFound("reconciliation", run_id[:ID_MAX])
    origin = origin_of_request(request, Source.ADMIN)
    return await streamed(
        lambda file: deps.reconciliation.export(RunId(run_id), format, file, origin),
        f"reconciliation-{run_id}.{ENDINGS[format]}",
        MEDIA_TYPES[format],
    )


async def _found(
    run: Run, deps: Dependencies, after: DiscrepancyCursor | None, limit: int
) -> DiscrepanciesPage:
    """Return a page of what *run* found, the gravest first; nothing when it concluded nothing."""
    if run.summary is None or run.ended_at is None:
        return DiscrepanciesPage(items=[], next=None)
    now = deps.clock.now()
    page = await deps.discrepancies.queries.page(
        DiscrepancyFilter(seen_at=run.ended_at),
        order=DiscrepancyOrder.PRIORITY,
        at=now,
        after=after,
        at_most=limit,
    )
    return DiscrepanciesPage(
        items=[DiscrepancyView.of(each, now) for each in page.items],
        next=write_discrepancy_cursor(page.next) if page.next is not None else None,
    )


def _read_run_cursor(text: str) -> tuple[datetime, RunId]:
    requested_at, run = read_text_cursor(text)
    if not is_run_id(run):
        raise HttpProblem(problem_types.CURSOR_INVALID)
    return requested_at, RunId(run)


run_routes = Router(
    ADDRESS,
    route_handlers=[run_reconciliation, reconciliations, reconciliation, export_reconciliation],
    tags=["Reconciliation"],
)
