"""The console's reconciliation: runs that were asked for, one more by a button, and what each of them found."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.reconciliation.ask_reconciliation import TooManyRuns
from domain.business_day import business_day_of
from domain.errors import NotFound
from domain.money import Money
from domain.reconciliation.run import RangeRefused, RunId, RunTrigger, is_run_id
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.api.discrepancy_cursor import (
    read_discrepancy_cursor,
    write_discrepancy_cursor,
)
from entrypoints.http.api.refund_wire import ID_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import RECONCILIATION, RUN
from entrypoints.http.console.words import plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source
from ports.reconciliation.discrepancy_queries import DiscrepancyFilter, DiscrepancyOrder

SHOWN: Final = 20
By = Request[Caller, Any, Any]


@get(RECONCILIATION, opt=opened("GET", RECONCILIATION), include_in_schema=False)
async def runs(request: PageRequest, deps: Deps) -> Response[Any]:
    """Show a page of runs, those that were asked for last first, and the form that asks for one."""
    today = business_day_of(deps.clock.now()).isoformat()
    return await _runs(request, deps, {"first": today, "last": today})


@post(
    RECONCILIATION,
    status_code=HTTPStatus.OK,
    opt=opened("POST", RECONCILIATION),
    include_in_schema=False,
)
async def ask_run(request: By, deps: Deps) -> Response[Any]:
    """Have a worker reconcile the days, and lead to the run."""
    form = await request.form()
    days = {name: str(form.get(name, "")).strip() for name in ("first", "last")}
    try:
        first, last = (date.fromisoformat(days[name]) for name in ("first", "last"))
    except ValueError:
        return await _runs(request, deps, days, fault="Name both days.")
    origin = origin_of_request(request, Source.ADMIN)
    try:
        run = await deps.reconciliation.ask(first, last, RunTrigger.BUTTON, origin)
    except (RangeRefused, TooManyRuns) as refusal:
        return await _runs(request, deps, days, fault=problem_of(refusal).detail)
    await deps.process.wake_workers()
    return Redirect(f"{RECONCILIATION}/{run.id}", status_code=HTTP_303_SEE_OTHER)


@get(RUN, opt=opened("GET", RUN), include_in_schema=False)
async def run(request: PageRequest, run_id: FromPath[str], deps: Deps) -> Template:
    """Show what the run came to, and a page of what it found, the gravest first; while it runs, that it does."""
    if not is_run_id(run_id):
        raise NotFound("reconciliation", run_id[:ID_MAX])
    found = await deps.reconciliation.runs.get(RunId(run_id))
    cursor = request.query_params.get("cursor") or None
    page = None
    if found.summary is not None and found.ended_at is not None:
        page = await deps.discrepancies.queries.page(
            DiscrepancyFilter(seen_at=found.ended_at),
            order=DiscrepancyOrder.PRIORITY,
            at=deps.clock.now(),
            after=read_discrepancy_cursor(cursor) if cursor is not None else None,
            at_most=SHOWN,
        )
    address = f"{RECONCILIATION}/{found.id}"
    older = write_discrepancy_cursor(page.next) if page is not None and page.next else None
    return console_page(
        request,
        "run.html",
        run=found,
        summary=found.summary,
        found=page.items if page is not None else (),
        is_first=cursor is None,
        address=address,
        next=f"{address}?{urlencode({'cursor': older})}" if older else None,
        paise=Money,
        plain_words=plain_words,
    )


async def _runs(
    request: PageRequest, deps: Dependencies, days: Mapping[str, str], *, fault: str = ""
) -> Response[Any]:
    cursor = request.query_params.get("cursor") or None
    before = None
    if cursor is not None:
        at, named = read_text_cursor(cursor)
        if not is_run_id(named):
            raise HttpProblem(problem_types.CURSOR_INVALID)
        before = (at, RunId(named))
    known = await deps.reconciliation.runs.page(before=before, at_most=SHOWN + 1)
    shown = known[:SHOWN]
    older = None
    if len(known) > SHOWN:
        last = write_text_cursor(shown[-1].requested_at, shown[-1].id)
        older = f"{RECONCILIATION}?{urlencode({'cursor': last})}"
    caller: Caller = request.user
    return console_page(
        request,
        "runs.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        runs=shown,
        days=days,
        fault=fault,
        may_run=caller.may(Permission.RUN_RECONCILIATION),
        is_first=cursor is None,
        older=older,
        plain_words=plain_words,
    )
