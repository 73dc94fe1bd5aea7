"""The API of periodic jobs for staff, and for those who trigger them from outside."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Self

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath

from application.jobs.list_jobs import JobStanding
from domain.jobs.job import JobResult, JobRun, JobTrigger
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

By = Request[Caller, Any, Any]


class JobRunDetail(msgspec.Struct, frozen=True, kw_only=True):
    """
    A run of a job; `trigger` is `schedule` or `person`, `result` is `done`, `failed`, `lost`, or null while
    it runs. `why` is the kind of error of one that failed.
    """

    trigger: JobTrigger
    by: str
    began_at: datetime
    ended_at: datetime | None
    result: JobResult | None
    handled: int
    why: str

    @classmethod
    def of(cls, run: JobRun) -> Self:
        return cls(
            trigger=run.trigger,
            by=run.by,
            began_at=run.began_at,
            ended_at=run.ended_at,
            result=run.result,
            handled=run.handled,
            why=run.why,
        )


class JobDetail(msgspec.Struct, frozen=True, kw_only=True):
    """
    A periodic job: what it is `about`, how many seconds lie between two runs, and its last one. `asked_at` is
    null unless a run was asked for that no worker has begun.
    """

    name: str
    about: str
    every_seconds: int
    running: bool
    last: JobRunDetail | None
    next_at: datetime
    asked_at: datetime | None
    asked_by: str | None

    @classmethod
    def of(cls, view: JobStanding) -> Self:
        state = view.state
        return cls(
            name=view.job.name,
            about=view.job.about,
            every_seconds=round(view.job.every.total_seconds()),
            running=view.running,
            last=JobRunDetail.of(state.last) if state.last is not None else None,
            next_at=view.next_at,
            asked_at=state.asked_at,
            asked_by=state.asked_by or None,
        )


class JobList(msgspec.Struct, frozen=True, kw_only=True):
    """All periodic jobs."""

    items: Sequence[JobDetail]


JOB: Final = {
    "name": "check_invariants",
    "about": "Checks that what changed in the books still adds up.",
    "every_seconds": 300,
    "running": False,
    "last": {
        "trigger": "schedule",
        "by": "system",
        "began_at": "2026-04-05T09:00:00Z",
        "ended_at": "2026-04-05T09:00:01Z",
        "result": "done",
        "handled": 0,
        "why": "",
    },
    "next_at": "2026-04-05T09:05:00Z",
    "asked_at": None,
    "asked_by": None,
}
ASKED: Final = {**JOB, "asked_at": "2026-04-05T09:01:00Z", "asked_by": "staff:farhan"}


@get(
    "/",
    opt=opened_to(Permission.SEE_JOBS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Periodic jobs",
    operation_id="list_jobs",
    responses=answers(HTTPStatus.OK, JobList, {"items": [JOB]}, *ALWAYS),
)
async def jobs(deps: Deps) -> JobList:
    """Return all jobs with their last runs, and when each is due next."""
    return JobList(items=[JobDetail.of(each) for each in await deps.jobs.all()])


@post(
    "/{job:str}/run",
    status_code=HTTPStatus.ACCEPTED,
    opt=opened_to(Permission.RUN_JOBS, Budget.JOB_RUN),
    security=SIGNED_IN,
    summary="Run a job now",
    operation_id="run_job",
    responses=answers(
        HTTPStatus.ACCEPTED,
        JobDetail,
        ASKED,
        problem_types.NOT_FOUND,
        problem_types.JOB_RUNNING,
        problem_types.CSRF_REFUSED,
        *ALWAYS,
    ),
)
async def run_job(request: By, job: FromPath[str], deps: Deps) -> JobDetail:
    """
    Have a worker run the job within seconds. While it runs, or waits for a worker, the request is refused:
    of all who ask at once one is heard.
    """
    view = await deps.jobs.ask(job, origin_of_request(request, Source.ADMIN))
    await deps.process.wake_workers()
    return JobDetail.of(view)


job_routes = Router("/api/admin/jobs", route_handlers=[jobs, run_job], tags=["Jobs"])
