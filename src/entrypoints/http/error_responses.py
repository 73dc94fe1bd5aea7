"""How an error is answered: as a problem for programs, as a page for people, never with internal details."""

import errno
import logging
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import MediaType, Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import (
    ClientException,
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import BaseRouteHandler
from litestar.response import Template

from domain.errors import DomainError
from domain.identifiers import is_payment_id
from domain.staff.second_factor import TotpLocked, TotpRefused
from entrypoints.http import problem_types
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.invalid_requests import invalid_request, with_other_faults
from entrypoints.http.languages import translations_of
from entrypoints.http.page import shared
from entrypoints.http.problems import HttpProblem, Problem, as_problem
from entrypoints.http.security.guards import count_failed_code
from ports.payments.gateway_messages import ForgedMessage
from ports.payments.payment_gateway import GatewayFailure
from ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
LEFT_EARLY: Final = "client disconnected prematurely"
"""The framework's message for a body that broke off, which it reports as an internal error."""

AnyRequest = Request[Any, Any, Any]


def answer_domain_error(request: AnyRequest, error: DomainError) -> Response[Any]:
    if isinstance(error, ForgedMessage):
        log.warning(
            "gateway_message.forged",
            extra={
                "event_type": "security",
                "route": request.scope.get("path_template", ""),
                "reason": error.why,
            },
        )
    problem = with_other_faults(request, as_problem(error))
    if isinstance(error, GatewayFailure | StorageUnavailable):
        log.warning(
            "dependency.unavailable",
            extra={"problem": problem.kind.slug, "trouble": type(error).__name__},
        )
    elif problem.kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request.failed", exc_info=error, extra={"problem": problem.kind.slug})
    answered = answer(request, problem)
    if isinstance(error, TotpRefused | TotpLocked):
        answered.background = BackgroundTask(count_failed_code, request)
    return answered


def answer_refusal(request: AnyRequest, error: HttpProblem) -> Response[Any]:
    return answer(request, error.problem)


def answer_too_deep(request: AnyRequest, _: RecursionError) -> Response[Any]:
    """Answer a body that is nested too deeply for the decoder."""
    log.warning("request.nested_too_deep", extra={"event_type": "security"})
    return answer(
        request, Problem(kind=problem_types.BODY_MALFORMED, detail="The body is nested too deep.")
    )


def answer_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Answer what the framework itself refuses, as a problem of this service."""
    match error:
        case NotFoundException():
            problem = Problem(
                kind=problem_types.NOT_FOUND, detail="There is nothing at this address."
            )
        case MethodNotAllowedException():
            headers = {name: str(value) for name, value in (error.headers or {}).items()}
            problem = Problem(
                kind=problem_types.METHOD_NOT_ALLOWED,
                detail=problem_types.METHOD_NOT_ALLOWED.meaning,
                headers=headers,
            )
        case RequestEntityTooLarge():
            problem = Problem(
                kind=problem_types.BODY_TOO_LARGE, detail=problem_types.BODY_TOO_LARGE.meaning
            )
        case ValidationException():
            problem = invalid_request(request, error)
        case InternalServerException() if error.detail == LEFT_EARLY:
            log.info("request.incomplete")
            problem = Problem(
                kind=problem_types.BODY_MALFORMED, detail="The body did not arrive whole."
            )
        case ClientException():
            problem = Problem(
                kind=problem_types.BODY_MALFORMED, detail=problem_types.BODY_MALFORMED.meaning
            )
        case _:
            return answer_anything(request, error)
    return answer(request, problem)


def answer_no_file(
    request: AnyRequest, error: ValueError | InternalServerException
) -> Response[Any]:
    """Answer a name that cannot be the name of a file as one that is not there."""
    cause = error.__cause__
    if isinstance(error, ValueError) or getattr(cause, "errno", None) == errno.ENAMETOOLONG:
        return answer_http_error(request, NotFoundException())
    return answer_http_error(request, error)


def answer_no_text(request: AnyRequest, error: UnicodeDecodeError | LookupError) -> Response[Any]:
    """Answer a form with a field that is no text, or is of an encoding that nobody knows."""
    if type(error) not in {UnicodeDecodeError, LookupError}:
        return answer_anything(request, error)  # such as a KeyError of our own
    return answer(
        request,
        Problem(kind=problem_types.BODY_MALFORMED, detail="A field of the form is no text."),
    )


def answer_anything(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("request.failed_unexpectedly", exc_info=error)
    return answer(
        request, Problem(kind=problem_types.INTERNAL, detail=problem_types.INTERNAL.meaning)
    )


def answer(request: AnyRequest, problem: Problem) -> Response[Any]:
    """Return *problem* as a page where a person reads it (the route's own kind of page, if it has one), or as JSON."""
    status, headers = int(problem.kind.status), dict(problem.headers)
    handler: BaseRouteHandler | None = request.scope.get("route_handler")
    if handler and (framed := handler.opt.get("problem_page")):
        told: Response[Any] = framed(request, problem)
        return told
    if wants_page(request):
        context = shared(request) | {
            "problem": problem,
            "kind": problem.kind,
            "path": request.scope["path"],
            "returned_from": _returned_from(request),
        }
        return Template(
            "problem.html",
            context=context,
            status_code=status,
            headers=headers,
            media_type=MediaType.HTML,
        )
    say, public_url = translations_of(request), _public_url(request)
    body = problem.body(say, public_url)
    if body != problem.body(public_url=public_url):
        headers["Content-Language"] = say.language.value
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def wants_page(request: AnyRequest) -> bool:
    """Tell a person's browser from a program: routes for programs always speak JSON."""
    handler: BaseRouteHandler | None = request.scope.get("route_handler")
    if handler and handler.opt.get("page"):
        return True
    path = request.scope["path"]
    if path.startswith(("/api", "/health", "/static")):
        return False
    return "text/html" in request.headers.get("accept", "")


def _public_url(request: AnyRequest) -> str:
    """Return where this service is reached, nothing before it is known."""
    deps: Dependencies | None = request.app.state.get("deps")
    return deps.settings.public_url if deps else ""


def _returned_from(request: AnyRequest) -> str:
    """Return which payment of ours the address says a student came back from, or nothing."""
    named = request.query_params.get("order_id", "")
    return named if is_payment_id(named) else ""
