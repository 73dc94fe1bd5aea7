"""The console's periodic jobs: what each does, how it went, when it is due, and a run now."""

from http import HTTPStatus
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.jobs.job import JobRunning
from domain.staff.access import Permission
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import JOB_RUN, JOBS
from entrypoints.http.console.words import plain_words, span_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

By = Request[Caller, Any, Any]


@get(JOBS, opt=opened("GET", JOBS), include_in_schema=False)
async def jobs(request: By, deps: Deps) -> Response[Any]:
    """Show all jobs, and the runs that are remembered."""
    return await _shown(request, deps)


@post(JOB_RUN, status_code=HTTPStatus.OK, opt=opened("POST", JOB_RUN), include_in_schema=False)
async def ask_job(request: By, job: FromPath[str], deps: Deps) -> Response[Any]:
    """Have a worker run the job now, unless it runs already."""
    try:
        await deps.jobs.ask(job, origin_of_request(request, Source.ADMIN))
    except JobRunning as refusal:
        return await _shown(request, deps, fault=problem_of(refusal).detail)
    await deps.process.wake_workers()
    return Redirect(JOBS, status_code=HTTP_303_SEE_OTHER)


async def _shown(request: By, deps: Dependencies, fault: str = "") -> Response[Any]:
    return console_page(
        request,
        "jobs.html",
        status=HTTPStatus.CONFLICT if fault else HTTPStatus.OK,
        fault=fault,
        jobs=await deps.jobs.all(),
        remembered=await deps.jobs.all.remembered(),
        may_run=request.user.may(Permission.RUN_JOBS),
        plain_words=plain_words,
        span_words=span_words,
    )
