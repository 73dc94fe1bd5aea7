"""The console's reconciliation: the runs that were asked for, and one more by a button."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.reconciliation.ask_reconciliation import TooManyRuns
from domain.business_day import business_day_of
from domain.errors import NotFound
from domain.reconciliation.run import RangeRefused, RunId, RunTrigger, is_run_id
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.api.refund_wire import ID_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import RECONCILIATION
from entrypoints.http.console.words import plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

SHOWN: Final = 20
ONE_DAY: Final = timedelta(days=1)
By = Request[Caller, Any, Any]


@get(RECONCILIATION, opt=opened("GET", RECONCILIATION), include_in_schema=False)
async def runs(request: PageRequest, deps: Deps) -> Response[Any]:
    """Show a page of runs, those that were asked for last first, and the form that asks for one."""
    today = business_day_of(deps.clock.now()).isoformat()
    asked = {name: request.query_params.get(name, "") or today for name in ("first", "last")}
    return await _runs(request, deps, asked)


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
        presets=_presets(business_day_of(deps.clock.now())),
        may_run=caller.may(Permission.RUN_RECONCILIATION),
        is_first=cursor is None,
        older=older,
        plain_words=plain_words,
    )


def named_run(text: str) -> RunId:
    """Return the id, or raise ``NotFound``."""
    if not is_run_id(text):
        raise NotFound("reconciliation", text[:ID_MAX])
    return RunId(text)


def _presets(today: date) -> Sequence[tuple[str, str]]:
    """Return ranges that are often asked for: in words, and the address that fills them in."""
    yesterday = today - ONE_DAY
    ranges = {
        "Today": (today, today),
        "Yesterday": (yesterday, yesterday),
        "Last 7 days": (today - 6 * ONE_DAY, today),
        "This month": (today.replace(day=1), today),
    }
    return [
        (word, f"{RECONCILIATION}?{urlencode({'first': first, 'last': last})}")
        for word, (first, last) in ranges.items()
    ]
